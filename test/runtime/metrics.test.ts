import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type MetricName, metrics } from '../../src/runtime/metrics.ts'
import { readSources } from '../sources.ts'

const recorders = { counter: 'count', gauge: 'gauge', histogram: 'observe' } as const

const texts = readSources('src').map(({ path }) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
const recorded = texts.flatMap((text) => [...text.matchAll(/\.(count|gauge|observe)\(\s*'(\w+)'/g)])

test.each(Object.keys(metrics) as MetricName[])('%s is recorded by somebody, as what it is', (name) => {
  const how = new Set(recorded.filter((match) => match[2] === name).map((match) => match[1]))
  expect([...how]).toEqual([recorders[metrics[name].kind]])
})
