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

const pageBytes = 65_536

/** Makes sure of so much memory. Views of it that were made before may be of no use any more. */
export function reserve({ memory }: KernelExports, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
}
