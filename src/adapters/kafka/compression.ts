/** The four codecs of the record format, each with a limit on what a batch may grow to. */
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { compressFrame } from 'lz4-napi'
import * as snappy from 'snappy'
import { ShoalError } from '../../runtime/errors.ts'
import { lz4Decompress } from './lz4-frame.ts'
import { snappyDecompress } from './xerial-snappy.ts'

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** By the number that a batch's attributes carry. */
const names: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

export const compressionNumber = (compression: Compression): number => names.indexOf(compression)

/** The records of a batch may not be larger than this once they are decompressed. */
export const maxDecompressedBytes = 64 * 1024 * 1024

/** Throws `log.corrupt` for bytes that the codec cannot read or that grow beyond `maxBytes`. */
export function decompress(number: number, bytes: Buffer, maxBytes = maxDecompressedBytes): Buffer {
  const codec = names[number]
  if (codec === undefined || codec === 'none') {
    throw new ShoalError(
      'log.corrupt',
      `a record batch must be compressed by one of ${names.join(', ')}: got codec ${number}`,
    )
  }
  try {
    return decoders[codec](bytes, maxBytes)
  } catch (cause) {
    if (cause instanceof ShoalError) throw cause
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new ShoalError(
      'log.corrupt',
      `the records of a batch must be ${codec} of at most ${maxBytes} bytes: ${message}`,
      { cause },
    )
  }
}

const decoders = {
  gzip: (bytes: Buffer, maxOutputLength: number) => zlib.gunzipSync(bytes, { maxOutputLength }),
  snappy: snappyDecompress,
  lz4: lz4Decompress,
  zstd: (bytes: Buffer, maxOutputLength: number) => zlib.zstdDecompressSync(bytes, { maxOutputLength }),
}

const gzip = promisify(zlib.gzip)
const zstd = promisify(zlib.zstdCompress)

/** Off the main thread. */
export const compressors: { readonly [C in Exclude<Compression, 'none'>]: (bytes: Buffer) => Promise<Buffer> } = {
  gzip: (bytes) => gzip(bytes),
  // Raw snappy, without Java's framing: every client reads both.
  snappy: (bytes) => snappy.compress(bytes),
  lz4: (bytes) => compressFrame(bytes),
  zstd: (bytes) => zstd(bytes),
}
