/** The working memory of a kernel: one array after another, each at an address that suits a vector and a line of the cache. */

const alignment: usize = 64

let free: usize = 0

function aligned(address: usize): usize {
  return (address + alignment - 1) & ~(alignment - 1)
}

/** What has been placed before may be overwritten. */
export function placeAnew(): void {
  free = aligned(__heap_base)
}

/** The address of an array of so many bytes. */
export function place(bytes: usize): usize {
  const address = free
  free = aligned(address + bytes)
  return address
}

/** How many bytes of memory all that has been placed needs. */
export function placedUpTo(): usize {
  return free
}
