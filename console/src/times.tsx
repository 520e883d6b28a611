/** Times in the viewer's zone; pointed at, in UTC. */
import { useEffect, useState } from 'preact/hooks'
import { duration } from './numbers.tsx'

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dayAndClock = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})

export function utc(ms: number): string {
  return `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')} UTC`
}

/** The hour, and the day where it is not today. */
export function localTime(ms: number, nowMs = Date.now()): string {
  const isToday = new Date(ms).toDateString() === new Date(nowMs).toDateString()
  return (isToday ? clock : dayAndClock).format(ms)
}

export function Moment({ ms }: { readonly ms: number }) {
  return (
    <time class="num" dateTime={new Date(ms).toISOString()} title={utc(ms)}>
      {localTime(ms)}
    </time>
  )
}

/** How long ago; it grows while one looks at it. */
export function Ago({ ms }: { readonly ms: number }) {
  const now = useNow(1000)
  return (
    <time class="num" dateTime={new Date(ms).toISOString()} title={`${localTime(ms)}, ${utc(ms)}`}>
      {duration(Math.max(0, Math.floor((now - ms) / 1000)))}
    </time>
  )
}

/** The time, anew every so often. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
