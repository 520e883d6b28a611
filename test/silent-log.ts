import type { Log } from '../src/runtime/ports.ts'

/** For tests of what happens, not of what is said about it. */
export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
