/** The first line: whether all is well, in a sentence whose every part leads to where it is explained. */

import type { Status } from '../../../src/http/status.ts'
import { gravest } from '../../../src/runtime/views/status-sentence.ts'
import { useResource } from '../api/client.ts'
import { Drawn } from '../drawn.tsx'
import { count } from '../numbers.tsx'
import { type Part, partsOf } from './parts.ts'

export function Sentence() {
  const { value, problem } = useResource<Status>('v1/status', 5000)
  if (value === null)
    return (
      <section class="sentence" aria-label="How it is">
        {problem === null ? 'Asking Shoal how it is …' : `Shoal cannot be asked: ${problem.message}.`}
      </section>
    )
  const parts = partsOf(value)
  const reasons = parts.filter(({ reason }) => reason !== null)
  return (
    <section class="sentence" aria-label="How it is" data-level={gravest(parts)}>
      {value.birth !== null && value.model === null && <Birth {...value.birth} />}
      <p>
        {parts.map((part, i) => (
          <span key={part.name}>
            {i > 0 && <span class="dot"> · </span>}
            <a href={part.href} data-part={part.name} data-level={part.gravity} title={part.exact}>
              {part.gravity !== 'well' && <Sign gravity={part.gravity} />}
              {part.text}
            </a>
          </span>
        ))}
      </p>
      {reasons.length > 0 && (
        <ul class="reasons">
          {reasons.map(({ name, gravity, reason, href }) => (
            <li key={name} data-level={gravity}>
              <Sign gravity={gravity} />
              <a href={href}>{reason}</a>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** A shape beside the colour: not everybody sees the colour. */
function Sign({ gravity }: Pick<Part, 'gravity'>) {
  return (
    <span class="sign" role="img" aria-label={gravity === 'bad' ? 'Bad:' : 'Look:'}>
      <Drawn sign={gravity === 'bad' ? 'diamond' : 'triangle'} />
    </span>
  )
}

function Birth({ events, of }: NonNullable<Status['birth']>) {
  return (
    <div class="birth">
      <label for="birth">
        A model is born from {count(of)} valid events, of which {count(Math.min(events, of))} have come
      </label>
      <progress id="birth" value={Math.min(events, of)} max={of} />
    </div>
  )
}
