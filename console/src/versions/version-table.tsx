/** Versions line by line, newest first: two can be picked, each can be rolled back to or pinned. */
import type { VersionView } from '../../../src/runtime/views/version-view.ts'
import { count, Num, percent } from '../numbers.tsx'
import { Ago } from '../times.tsx'
import { CommandButton } from './command-button.tsx'

interface VersionTableProps {
  readonly versions: readonly VersionView[]
  readonly from: number | null
  readonly to: number | null
  readonly serving: number | null
  readonly onPick: (end: 'from' | 'to', version: number) => void
}

export function VersionTable({ versions, from, to, serving, onPick }: VersionTableProps) {
  return (
    <div class="scrolls tall">
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Version</th>
            <th scope="col">Published</th>
            <th scope="col" class="right">
              Learned
            </th>
            <th scope="col" class="right">
              k
            </th>
            <th scope="col" class="right">
              Silhouette
            </th>
            <th scope="col" class="right">
              Unexplained
            </th>
            <th scope="col" class="right">
              Anomalous
            </th>
            <th scope="col">
              <span class="seen-by-readers">Commands</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map((of) => (
            <tr key={of.version} data-version={of.version} data-undone={of.undone}>
              {(['from', 'to'] as const).map((end) => (
                <td key={end}>
                  <input
                    type="radio"
                    name={end}
                    aria-label={`${end} version ${of.version}`}
                    checked={(end === 'from' ? from : to) === of.version}
                    onChange={() => onPick(end, of.version)}
                  />
                </td>
              ))}
              <th scope="row">
                {count(of.version)} <Marks of={of} serves={of.version === serving} />
              </th>
              <td>
                <Ago ms={of.publishedAtMs} /> ago
              </td>
              <td class="right">
                <Num value={of.trainedEvents} as={count} />
              </td>
              <td class="right">{of.k}</td>
              <td class="right">
                <Num value={of.silhouette} />
              </td>
              <td class="right">
                <Num value={of.unexplained} as={percent} />
              </td>
              <td class="right">
                <Num value={of.anomalyShare} as={percent} />
              </td>
              <td class="row-commands">
                <CommandButton
                  order={{ kind: 'rollback', to: of.version }}
                  disabled={of.version === serving || of.undone}
                />
                <CommandButton order={{ kind: of.pinned ? 'unpin' : 'pin', version: of.version }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Marks({ of: { pinned, frozen, undone }, serves }: { readonly of: VersionView; readonly serves: boolean }) {
  const marks = [serves && 'serves', pinned && 'pinned', frozen && 'frozen', undone && 'undone'].filter(
    (mark) => mark !== false,
  )
  return (
    <>
      {marks.map((mark) => (
        <span key={mark} class="mark" data-mark={mark}>
          {mark}
        </span>
      ))}
    </>
  )
}
