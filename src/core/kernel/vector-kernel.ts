/**
 * A kernel in WebAssembly: an instance of its own, with memory that grows with what it is given. Null where the machine
 * has no such vectors: the caller has a loop that gives the same bits.
 */

/** What every kernel exports beside its own functions. */
interface KernelExports {
  readonly memory: WebAssembly.Memory
}

/** `exports` are known to whoever wrote the source. */
export function vectorKernel<E extends KernelExports>(base64: string): E | null {
  const binary = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  if (!WebAssembly.validate(binary)) return null
  return new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as unknown as E
}

/** Fewer rows are not worth what getting ready costs. */
export const leastRows = 16
/** Rows are dealt with in chunks of so many values, whose copy stays in the cache. */
const chunkValues = 2 ** 17

/** How many of n rows of d columns are dealt with at once. */
export function chunkRows(n: number, d: number): number {
  return Math.min(n, Math.max(leastRows, Math.floor(chunkValues / d)))
}

const pageBytes = 65_536

/** Makes sure of so much memory. Views of it that were made before may be of no use any more. */
export function reserve({ memory }: KernelExports, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
}
