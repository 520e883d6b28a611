/** Which rows are sampled: a choice by place in the log alone, so that whoever replays the log draws the same ones. */

/** log2 of the smallest number that is drawn. */
export const leastDrawn = -53

/**
 * A number in (0, 1] that is as good as uniform, from a partition and an offset: three words mixed by the finaliser of
 * MurmurHash3 (Appleby), every bit of each reaching every bit of the result.
 */
export function drawn(partition: number, offset: number): number {
  return drawnFrom(firstBits(neighbourhood(partition, offset), offset))
}

/** What events of a partition share while their offsets have the same upper half. */
export function neighbourhood(partition: number, offset: number): number {
  return mixed(mixed(partition ^ 0x9e3779b9) ^ (Math.floor(offset / 2 ** 32) | 0))
}

/** The first 32 bits that an event draws, as a signed integer. */
export function firstBits(shared: number, offset: number): number {
  return mixed(shared ^ (offset | 0))
}

/** The number of those who drew these bits: it is above `atLeast(first)`. */
export function drawnFrom(first: number): number {
  const second = mixed(first ^ 0x85ebca6b)
  return ((first >>> 5) * 2 ** 26 + (second >>> 6) + 1) / 2 ** 53
}

/** A number that what is drawn is not below. */
export function atLeast(first: number): number {
  return (first >>> 5) / 2 ** 27
}

function mixed(word: number): number {
  let h = word | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
