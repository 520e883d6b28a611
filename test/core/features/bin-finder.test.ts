import fc from 'fast-check'
import { expect, test } from 'vitest'
import { binAt, mostEdges, searchable } from '../../../src/core/features/bin-finder.ts'
import { countedColumns, vectorCount } from '../../../src/core/kernel/vector-bins.ts'

const d = 3

/** Ascending edges of two columns, some of them equal, and rows whose values often lie at an edge. */
const counting = fc
  .record({
    edges: fc.array(fc.array(fc.integer({ min: -30, max: 30 }), { maxLength: mostEdges }), {
      minLength: 2,
      maxLength: 2,
    }),
    values: fc.array(fc.constantFrom(-1e300, -30.5, -30, -1, -0, 0, 0.5, 1, 7, 29, 30, 31, 1e300), {
      minLength: 16 * d,
      maxLength: 60 * d,
    }),
    size: fc.constantFrom(1, 1e-300, 1e15),
  })
  .map(({ edges, values, size }) => {
    const n = Math.floor(values.length / d)
    return {
      n,
      rows: Float64Array.from(values.slice(0, n * d), (value) => value * size),
      edges: edges.map((each) =>
        searchable(
          Float64Array.from(
            each.sort((a, b) => a - b),
            (edge) => edge * size,
          ),
        ),
      ),
    }
  })

test('a bin is how many edges are at or below the value, and the vector unit counts the same', () => {
  fc.assert(
    fc.property(counting, ({ n, rows, edges }) => {
      const columns = [2, 0]
      const counted = countedColumns(edges.map((each, i) => ({ column: columns[i], edges: each })))
      const found = vectorCount(rows, n, d, counted)
      for (const [i, column] of columns.entries()) {
        const expected = new Int32Array(mostEdges + 1)
        for (let row = 0; row < n; row++) {
          const x = rows[row * d + column]
          const below = edges[i].filter((edge) => edge <= x).length
          expect(binAt(edges[i], x)).toBe(below)
          expected[below]++
        }
        expect(found?.slice(i * expected.length, (i + 1) * expected.length)).toEqual(expected)
      }
    }),
    { numRuns: 500 },
  )
})

test('few rows are left to the loop', () => {
  expect(
    vectorCount(new Float64Array(15), 15, 1, countedColumns([{ column: 0, edges: searchable(Float64Array.of(1)) }])),
  ).toBeNull()
})
