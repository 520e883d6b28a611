/** JSON events from a grammar that knows what parsers stumble over. */
import type { Random } from '../../src/core/kmeans/random.ts'

const numbers = [
  '0',
  '-0',
  '1',
  '-1.5',
  '1e308',
  '-1e308',
  '1e309',
  '5e-324',
  '1e-400',
  '9007199254740993',
  '12345678901234567890',
  '0.1',
  '1E+2',
  '1e',
  '01',
  '.5',
  'NaN',
  'Infinity',
  '-',
  `${'9'.repeat(400)}`,
]
const texts = [
  '""',
  '"a"',
  '"2026-01-02T03:04:05Z"',
  '"2026-02-30"',
  '"0000-01-01"',
  '"\\ud800"',
  '"\\ud83d\\udca3"',
  '"\\u0000"',
  '"é"',
  '"\ufeff"',
  '"\\x"',
  '"a',
  '"chip"',
  '"12"',
  `"${'x'.repeat(300)}"`,
]
const words = ['true', 'false', 'null', 'True', 'undefined', '']

function pick<T>(from: readonly T[], random: Random): T {
  return from[random.below(from.length)]
}

function jsonValue(random: Random, depth: number): string {
  const kind = random.below(depth > 0 ? 10 : 8)
  if (kind < 4) return random.below(4) === 0 ? pick(numbers, random) : String(100 * random.gaussian())
  if (kind < 6) return pick(texts, random)
  if (kind < 8) return pick(words, random)
  const items = Array.from({ length: random.below(4) }, () => jsonValue(random, depth - 1))
  return kind === 8 ? `[${items.join(',')}]` : `{${items.map((item, i) => `"k${i}":${item}`).join(',')}}`
}

/** An event with most of the wanted fields, some of them strange, in any order, some twice. */
export function jsonEvent(paths: readonly string[], random: Random): string {
  if (random.below(60) === 0) return jsonValue(random, 2)
  const members = paths.flatMap((path) => {
    if (random.below(12) === 0) return []
    const [name, ...rest] = path.split('.')
    const leaf = random.below(8) === 0 ? jsonValue(random, 3) : usual(path, random)
    const value = rest.reduceRight((inner, key) => `{"${key}":${inner}}`, leaf)
    return random.below(20) === 0 ? [`"${name}":${value}`, `"${name}":${jsonValue(random, 1)}`] : [`"${name}":${value}`]
  })
  for (let extra = random.below(3); extra > 0; extra--) {
    const name = pick(['__proto__', 'constructor', 'extra', '', 'toString'], random)
    members.splice(random.below(members.length + 1), 0, `"${name}":${jsonValue(random, 4)}`)
  }
  const depth = random.below(60) === 0 ? 50 + random.below(30) : 0
  if (depth > 0) members.push(`"deep":${'['.repeat(depth)}${']'.repeat(depth)}`)
  return `{${members.join(',')}}`
}

/** What a producer means by the fields of `pipeline.ts`. */
function usual(path: string, random: Random): string {
  switch (path) {
    case 'id':
      return `"e${random.below(1e6)}"`
    case 'at':
      return String(1_760_000_000_000 + random.below(1e9))
    case 'channel':
      return pick(['"chip"', '"online"', '"atm"'], random)
    case 'online':
      return pick(['true', 'false', '1'], random)
    default:
      return String(10 + random.gaussian())
  }
}
