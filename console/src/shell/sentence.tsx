/** The first line: whether all is well, in a sentence whose every part leads to where it is explained. */

import type { Status } from '../../../src/http/status.ts'
import { useResource } from '../api/client.ts'
import { count } from '../numbers.tsx'
import { type Part, partsOf } from './parts.ts'

export function Sentence() {
  const { value, problem } = useResource<Status>('v1/status', 1000)
  if (value === null)
    return (
      <p class="sentence">
        {problem === null ? 'Asking Shoal how it is …' : `Shoal cannot be asked: ${problem.message}.`}
      </p>
    )
  const parts = partsOf(value)
  const reasons = parts.filter(({ reason }) => reason !== null)
  return (
    <div class="sentence" data-level={worstOf(parts)}>
      {value.birth !== null && value.model === null && <Birth {...value.birth} />}
      <p>
        {parts.map((part, i) => (
          <span key={part.name}>
            {i > 0 && <span class="dot"> · </span>}
            <a href={part.href} data-part={part.name} data-level={part.level} title={part.exact}>
              {part.level !== 'well' && <Sign level={part.level} />}
              {part.text}
            </a>
          </span>
        ))}
      </p>
      {reasons.length > 0 && (
        <ul class="reasons">
          {reasons.map(({ name, level, reason, href }) => (
            <li key={name} data-level={level}>
              <Sign level={level} />
              <a href={href}>{reason}</a>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** A shape beside the colour: not everybody sees the colour. */
function Sign({ level }: Pick<Part, 'level'>) {
  return (
    <span class="sign" role="img" aria-label={level === 'bad' ? 'Bad:' : 'Look:'}>
      {level === 'bad' ? '◆' : '▲'}
    </span>
  )
}

function Birth({ events, of }: NonNullable<Status['birth']>) {
  return (
    <div class="birth">
      <label for="birth">
        A model is born from {count(of)} valid events: {count(Math.min(events, of))} have come
      </label>
      <progress id="birth" value={Math.min(events, of)} max={of} />
    </div>
  )
}

function worstOf(parts: readonly Part[]): Part['level'] {
  const levels = parts.map(({ level }) => level)
  return levels.includes('bad') ? 'bad' : levels.includes('look') ? 'look' : 'well'
}
