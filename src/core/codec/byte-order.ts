/** Doubles are little-endian in Avro; where the machine is too, an array of them is one copy. */
export const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
