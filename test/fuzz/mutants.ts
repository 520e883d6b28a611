/** Deliberate bugs of the product, each of which the fuzzer must find: what is replaced in which source. */

export interface Mutant {
  readonly file: string
  readonly from: string
  readonly to: string
}

export const mutants: Readonly<Record<string, Mutant>> = {
  'a length is believed': {
    file: 'src/core/avro/avro-cursor.ts',
    from: 'if (size >= 0 && size <= this.end - this.at) return size',
    to: 'if (size >= 0) return size',
  },
  'a union’s branch is believed': {
    file: 'src/core/avro/avro-skip.ts',
    from: 'if (branch >= 0 && branch < steps.length) steps[branch](cursor)',
    to: 'if (branch < 1e9) steps[branch](cursor)',
  },
  'a block’s count is believed': {
    file: 'src/core/avro/avro-skip.ts',
    from: 'else if (item !== null) skipItems(cursor, count, leastBytes, item)',
    to: 'else for (let i = 0; i < Math.min(count, 1e6); i++) cursor.enter(), cursor.leave(), item?.(cursor)',
  },
  'NaN is a number': {
    file: 'src/core/avro/avro-cursor.ts',
    from: 'if (!Number.isFinite(value)) {',
    to: 'if (value === Infinity) {',
  },
  'any JSON is an object': {
    file: 'src/core/fields/json-projection.ts',
    from: 'if (!isJsonObject(event)) return reasonCode.malformed',
    to: 'if (event === undefined) return reasonCode.malformed',
  },
  'what is too deep has no dead letter': {
    file: 'src/stages/score.ts',
    from: 'if (code === 0) continue',
    to: 'if (code === 0 || code === reasonCode.too_deep) continue',
  },
  'a long’s sign is lost': {
    file: 'src/core/avro/avro-words.ts',
    from: 'return low & 1 ? -(upper + ((low >>> 1) + 1)) : upper + (low >>> 1)',
    to: 'return upper + (low >>> 1)',
  },
  'an absurd value is not clipped': {
    file: 'src/core/model/fences.ts',
    from: 'if (fixedScale[c] > 0) continue',
    to: 'continue',
  },
  'a dead letter has another’s value': {
    file: 'src/stages/dead-letter.ts',
    from: 'value: valueAt(batch, index), headers',
    to: 'value: valueAt(batch, Math.max(0, index - 1)), headers',
  },
  'an invalid event trains, too': {
    file: 'src/stages/batch-statistics.ts',
    from: 'this.trained += trains',
    to: 'this.trained += n',
  },
}
