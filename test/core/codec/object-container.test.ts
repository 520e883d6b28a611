import { once } from 'node:events'
import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readContainer, writeContainer } from '../../../src/core/codec/object-container.ts'

const schema: avsc.Schema = { type: 'record', name: 'Named', fields: [{ name: 'name', type: 'string' }] }
const type = avsc.Type.forSchema(schema)
const sync = Uint8Array.from({ length: 16 }, (_, i) => 200 + i)
const written = (name: string, metadata = new Map([['shoal.version', '7']])) =>
  writeContainer(JSON.stringify(schema), metadata, type.toBuffer({ name }), sync)

/** Every record of a file, as avsc reads it. */
async function readByAvsc(file: Uint8Array): Promise<readonly unknown[]> {
  const decoder = new avsc.streams.BlockDecoder()
  const records: unknown[] = []
  decoder.on('data', (record) => records.push(record))
  decoder.end(Buffer.from(file))
  await once(decoder, 'end')
  return records
}

/** A file of these records, as avsc writes it. */
async function writtenByAvsc(records: readonly { readonly name: string }[], codec: string): Promise<Buffer> {
  const encoder = new avsc.streams.BlockEncoder(type, { codec })
  const pieces: Buffer[] = []
  encoder.on('data', (piece) => pieces.push(piece))
  for (const record of records) encoder.write(record)
  encoder.end()
  await once(encoder, 'end')
  return Buffer.concat(pieces)
}

describe('a file of one record', () => {
  test('is an object container that another implementation reads', async () => {
    expect(await readByAvsc(written('Zoë'))).toEqual([{ name: 'Zoë' }])
  })

  test('gives back the record bit for bit, with what is said beside it', () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string({ minLength: 1 }), fc.string()), (name, beside) => {
        const read = readContainer(written(name, new Map(Object.entries(beside))))
        if ('problem' in read) throw new Error(read.problem)
        expect(Buffer.from(read.record)).toEqual(type.toBuffer({ name }))
        for (const [key, text] of Object.entries(beside)) {
          expect(read.metadata.get(key)).toBe(Buffer.from(text).toString())
        }
        expect(read.metadata.get('avro.schema')).toBe(JSON.stringify(schema))
      }),
    )
  })

  test('is read whoever wrote it, if it is not compressed', async () => {
    const read = readContainer(await writtenByAvsc([{ name: 'x' }], 'null'))
    expect('record' in read && type.fromBuffer(Buffer.from(read.record))).toEqual({ name: 'x' })
    expect(readContainer(await writtenByAvsc([{ name: 'x' }], 'deflate'))).toEqual({
      problem: 'its codec must be null: it is deflate',
    })
  })

  test('must hold one record, and no more', async () => {
    const two = await writtenByAvsc([{ name: 'a' }, { name: 'b' }], 'null')
    expect(readContainer(two)).toEqual({ problem: 'it must hold one record, and that whole' })
  })

  test('is refused where it ends early or goes on, and so is what nobody wrote', () => {
    const whole = written('Zoë')
    for (let end = 0; end < whole.length; end++) expect(readContainer(whole.subarray(0, end))).toHaveProperty('problem')
    expect(readContainer(Buffer.concat([whole, Uint8Array.of(0)]))).toHaveProperty('problem')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(readContainer(noise)).toHaveProperty('problem')
        expect(readContainer(Uint8Array.of(0x4f, 0x62, 0x6a, 1, ...noise))).toHaveProperty('problem')
      }),
    )
  })
})
