/** UTF-8 (RFC 3629; Unicode 16, table 3-7): no overlong form, no surrogate, nothing above U+10FFFF. */

/** Whether bytes [from, to) are UTF-8. Allocates nothing. */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from
  while (at < to) {
    const lead = bytes[at++]
    if (lead < 0x80) continue
    if (lead < 0xc2 || lead > 0xf4) return false
    const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3
    if (to - at < more) return false
    // The first continuation byte is where an overlong form, a surrogate or too large a code point shows.
    const second = bytes[at++]
    const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (second < lowest || second > highest) return false
    for (let i = 1; i < more; i++) if ((bytes[at++] & 0xc0) !== 0x80) return false
  }
  return true
}

/** Whether bytes [from, to) are ASCII, which most texts are: four bytes at a time, so it pays to ask this first. */
export function isAscii(view: DataView, from: number, to: number): boolean {
  const lastWord = to - 4
  if (lastWord < from) {
    for (let at = from; at < to; at++) if (view.getUint8(at) > 127) return false
    return true
  }
  for (let at = from; at < lastWord; at += 4) if ((view.getInt32(at) & 0x80808080) !== 0) return false
  return (view.getInt32(lastWord) & 0x80808080) === 0
}
