/** Says that what is shown is old, since when, and when it is tried again. */
import { useContext } from 'preact/hooks'
import { ClientContext, useConnection } from '../api/client.ts'
import { Ago, Moment, useNow } from '../times.tsx'

/** A connection that has only just been asked for is not lost. */
const patienceMs = 2000

export function ConnectionLine() {
  const { live } = useContext(ClientContext)
  const { connected, sinceMs, nextTryMs } = useConnection()
  const now = useNow(500)
  if (connected || now - sinceMs < patienceMs) return <div role="status" />
  const waitS = nextTryMs === null ? 0 : Math.max(0, Math.ceil((nextTryMs - now) / 1000))
  return (
    <div role="status" class="connection-lost">
      <p>
        <strong>Not live</strong> since <Moment ms={sinceMs} />, for <Ago ms={sinceMs} />: Shoal does not answer, and
        what stands here is old.{' '}
        <span aria-hidden="true" class="num">
          {waitS > 0 ? `Trying again in ${waitS} s.` : 'Trying again.'}
        </span>
      </p>
      <button type="button" onClick={() => live.open()}>
        Try now
      </button>
    </div>
  )
}
