#!/usr/bin/env -S MALLOC_TRIM_THRESHOLD_=131072 MALLOC_ARENA_MAX=1 node --max-semi-space-size=2 --heap-growing-percent=50
/** Where the program begins: what is compiled is kept for the next start, so nothing is loaded before that is asked for. */
// By its default: an older Node has no such name in it, and would end with a stack trace before it could be told why.
import module from 'node:module'
import { join } from 'node:path'

const leastNode = 24
const { node } = process.versions
if (Number.parseInt(node, 10) < leastNode) {
  console.error(`Node must be ${leastNode} or later: got ${node}\nInstall it, or use npm run shoal, which has its own.`)
  process.exit(2)
}
// In the program's own folder: who can write there can change the program itself. Where nobody can, nothing is kept.
module.enableCompileCache(join(import.meta.dirname, '..', '.shoal', 'compiled'))
const { runProgram } = await import('./program.ts')
await runProgram(import.meta.filename)
