import { describe, expect, test } from 'vitest'
import { load, reference, refusalOf } from './loading.ts'

describe('a reference to the environment', () => {
  test('is replaced inside a text', () => {
    expect(load(`name: a-${reference('STAGE')}-${reference('N')}`, { STAGE: 'test', N: '1' }).name).toBe('a-test-1')
  })

  test('is read as the kind that its key wants', () => {
    const text = `clusters: { k: "${reference('K')}" }\ntopics: { create: "${reference('C')}" }\nkafka: { brokers: "${reference('B')}" }`
    const configuration = load(text, { K: '8', C: 'false', B: 'a:1,b:2' })
    expect(configuration.clusters.k).toBe(8)
    expect(configuration.topics.create).toBe(false)
    expect(configuration.kafka.brokers).toEqual(['a:1', 'b:2'])
  })

  test('reaches the entries of lists and the values of transforms', () => {
    const text = `features: [{ field: "${reference('F')}", transform: { oneHot: ["${reference('V')}"] } }]`
    expect(load(text, { F: 'a.b', V: 'x' }).features).toMatchObject([{ field: 'a.b', transform: { values: ['x'] } }])
  })

  test('takes its default when the variable is unset or empty', () => {
    const text = `clusters: { k: "${reference('K:-8')}" }`
    expect(load(text).clusters.k).toBe(8)
    expect(load(text, { K: '' }).clusters.k).toBe(8)
    expect(load(text, { K: '4' }).clusters.k).toBe(4)
  })

  test('cannot change the structure', () => {
    const refusal = refusalOf(`log: { level: "${reference('L')}" }`, { L: 'info }\nname: evil' })
    expect(refusal.message).toBe('log.level must be one of info, warn, error: got "info }\\nname: evil"')
  })

  test('is not looked for in what a variable holds', () => {
    expect(refusalOf(`name: "${reference('A')}"`, { A: reference('B'), B: 'b' }).message).toContain(
      `got "${reference('B')}"`,
    )
  })

  test('is written plainly with two dollars', () => {
    expect(load(`features: [{ field: "a$${reference('B')}" }]`).features[0]?.field).toBe(`a${reference('B')}`)
  })

  test.each([
    [
      `clusters: { k: "${reference('K')}" }`,
      `clusters.k needs the environment variable K, which is not set: got ${reference('K')}`,
    ],
    [
      `name: "${reference('')}"`,
      `name must have a name and a } after $\{ (a plain one is written $$\{): got "${reference('')}"`,
    ],
    ['name: "a${B"', 'name must have a name and a } after ${ (a plain one is written $${): got "a${B"'],
    [`clusters: { k: "${reference('K:-1')}" }`, 'clusters.k must be at least 2: got 1'],
  ])('%s is refused', (text, line) => {
    expect(refusalOf(text).message).toBe(line)
  })
})

test('a section that is there but empty has its defaults', () => {
  expect(load('kafka:\nclusters:\n  # k: 8\n')).toEqual(load(''))
})
