#!/usr/bin/env -S MALLOC_TRIM_THRESHOLD_=131072 node --max-semi-space-size=4 --heap-growing-percent=50
/** Where the program begins: what is compiled is kept for the next start, so nothing is loaded before that is asked for. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// In the program's own folder: who can write there can change the program itself. Where nobody can, nothing is kept.
enableCompileCache(join(import.meta.dirname, '..', '.shoal', 'compiled'))
const { runProgram } = await import('./program.ts')
await runProgram(import.meta.filename)
