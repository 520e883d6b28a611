/** A worker for tests of those who supervise: it notes what happens to it in a file, a line each. */
import { appendFileSync } from 'node:fs'

const [, , file, index, manner] = process.argv
const note = (what: string) => appendFileSync(file, `${index} ${what} ${process.pid}\n`)

for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => note(name))
process.on('disconnect', () => {
  note('asked')
  if (manner !== 'stubborn') process.exit(0)
})
// Only now: whoever is told of the start sends signals.
note('started')
if (manner === 'refuses') process.exit(2)
if (manner === 'ends') process.exit(0)
// It lives until somebody ends it.
setInterval(() => undefined, 1 << 30)
