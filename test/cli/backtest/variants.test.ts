import { describe, expect, it } from 'vitest'
import { keyOverride } from '../../../src/cli/backtest/key-overrides.ts'
import { collectVaried, nameOf, variantsOf } from '../../../src/cli/backtest/variants.ts'

describe('what is varied', () => {
  it('is every value of each key with every value of the others', () => {
    const varied = collectVaried('anomalies.budget=0.01,0.02', collectVaried('clusters.k=4,8'))
    expect(variantsOf(varied).map(nameOf)).toEqual([
      'clusters.k=4 anomalies.budget=0.01',
      'clusters.k=4 anomalies.budget=0.02',
      'clusters.k=8 anomalies.budget=0.01',
      'clusters.k=8 anomalies.budget=0.02',
    ])
  })

  it('sets the variable of its key', () => {
    expect(keyOverride('clusters.halfLifeEvents=null')).toEqual({
      key: 'clusters.halfLifeEvents',
      variable: 'SHOAL_CLUSTERS_HALF_LIFE_EVENTS',
      text: 'null',
    })
  })

  it.each(['clusters', 'clusters=1', 'k=3', '=3', 'clusters.k'])('is refused when it names no key: %s', (text) => {
    expect(() => keyOverride(text)).toThrow('It must be key=value')
  })
})
