/** What a configuration means, in words. */
import type { FeatureSpec, Transform } from '../core/features/features.ts'
import type { Explanation } from '../runtime/configuration/explain.ts'
import type { ServerFacts } from '../runtime/configuration/explain-servers.ts'
import { firstOf, grouped } from './output.ts'

/** Values that are named. */
const mostValues = 4

/** The screen as text without colours: it reads the same in a file. */
export function configurationScreen(facts: Explanation): string {
  const parts = [
    [`Model ${facts.name}, configuration ${facts.fingerprint}`],
    titled('Reads', reads(facts)),
    titled(`Features: ${facts.features.length} in ${facts.columns} columns`, features(facts)),
    titled('Learns', learns(facts)),
    titled('Calls anomalous', anomalous(facts)),
    titled('Writes, for readers with isolation.level=read_committed', writes(facts)),
    titled('Servers', servers(facts.servers)),
    titled('Set', set(facts)),
    ...(facts.warnings.length === 0 ? [] : [titled('Warnings', facts.warnings)]),
  ]
  return parts.map((lines) => lines.join('\n')).join('\n\n')
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return [title, ...lines.map((line) => `  ${line}`)]
}

function reads({ reads: input, worker }: Explanation): readonly string[] {
  const schemas = { registry: ', schemas from the registry', file: ', schema from input.schemaFile' } as const
  const format = (input.format === 'avro' ? 'Avro' : 'JSON') + (input.schemas === null ? '' : schemas[input.schemas])
  const time =
    input.time === null
      ? "the Kafka record's timestamp"
      : `field ${input.time}, a plain number in ${unitText(input.timeUnitMs)}`
  return aligned([
    ['topic', `${input.topic}, ${format}`],
    ['id', `field ${input.id}`],
    ['time', time],
    ['at most', `${bytesText(input.maxEventBytes)} an event: larger ones are dead letters`],
    [
      '',
      `${grouped(worker.maxEventsPerTransaction)} events or ${bytesText(worker.maxBytesPerTransaction)} a transaction`,
    ],
  ])
}

const unitText = (timeUnitMs: number): string => (timeUnitMs === 1 ? 'ms' : timeUnitMs === 1000 ? 's' : 'µs')

function features({ features: specs, profiles }: Explanation): readonly string[] {
  const missing = { reject: 'dead letter', mean: 'the mean', indicator: 'the mean, and said so' } as const
  const kept = `at most ${grouped(profiles.limit)} profiles of each entity and partition; producers key by ${profiles.key}`
  const lines = aligned([
    ['name', 'field', 'counts as', 'weight', 'when missing', 'columns'],
    ...specs.map((spec) => [
      spec.name,
      fieldText(spec),
      transformText(spec.transform),
      String(spec.weight),
      missing[spec.missing],
      String(spec.columns),
    ]),
  ])
  return profiles.key === null ? lines : [...lines, kept]
}

function fieldText({ field, profile }: FeatureSpec): string {
  if (profile === undefined) return field
  const { as, of, entity, halfLifeMs } = profile
  const fades = as === 'ratio' || as === 'zScore' || as === 'unrest' ? `, half-life ${durationText(halfLifeMs)}` : ''
  return `${as}${of === null ? '' : ` of ${of}`} of its ${entity}${fades}`
}

function transformText(transform: Transform): string {
  switch (transform.kind) {
    case 'none':
      return 'the number'
    case 'log':
      return 'its logarithm, sign(x)·ln(1+|x|)'
    case 'auto':
      return 'the number, or its logarithm when that more than halves the skewness (decided at birth)'
    case 'squash':
      return 'the number, straight within 10 robust spreads of the median and logarithmic beyond'
    case 'hourOfDay':
      return 'hour of the day, a cycle (UTC)'
    case 'dayOfWeek':
      return 'day of the week, a cycle (UTC)'
    case 'boolean':
      return 'yes or no'
    case 'oneHot': {
      return `one of ${firstOf(transform.values, mostValues)}`
    }
    case 'hash':
      return `any value, in ${transform.buckets} buckets`
  }
}

function learns({ learns: model, publishes }: Explanation): readonly string[] {
  const half = model.halfLifeEvents
  const { allForMs, hourlyForMs, dailyForMs } = publishes.keep
  return [
    `${model.k === 'auto' ? 'as many clusters as the birth finds (2 to 32, or 16)' : `${model.k} clusters`}, born from the first ${grouped(model.bornFromEvents)} valid events,`,
    `or after ${durationText(model.maxWaitMs)} from at least ${grouped(model.atLeastEvents)}; seed ${model.seed}`,
    half === null ? 'every event counts the same for ever' : `after ${grouped(half)} more events an event counts half`,
    `a new version every ${durationText(publishes.publishEveryMs)} or ${grouped(publishes.publishEveryEvents)} events, kept: all for ${durationText(allForMs)},`,
    `one an hour for ${durationText(hourlyForMs)}, one a day for ${durationText(dailyForMs)}`,
  ]
}

function anomalous({ callsAnomalous: { budget, topFeatures, rarityHalfLifeEvents } }: Explanation): readonly string[] {
  const of = budget >= 0.001 ? 1000 : 1_000_000
  return [
    `about ${Number((budget * of).toPrecision(4))} of ${grouped(of)} events, each explained by its ${topFeatures} strongest features`,
    `rare among the scores of the last ${grouped(rarityHalfLifeEvents)} events or so`,
  ]
}

function writes({ writes: topics, topics: { create, replicationFactor } }: Explanation): readonly string[] {
  const replicas = replicationFactor === null ? "the broker's default of replicas" : `${replicationFactor} replicas`
  return [
    ...aligned([
      ['topic', 'partitions', 'keeps', 'holds'],
      ...topics.map(({ topic, partitions, cleanup, retentionMs, holds }) => [
        topic,
        partitions === null ? 'as the input' : String(partitions),
        cleanup === 'compact' ? 'compacted' : retentionMs === null ? "broker's default" : durationText(retentionMs),
        holds,
      ]),
    ]),
    create ? `those that are missing are created, with ${replicas}` : 'they must exist: topics.create is false',
  ]
}

type Tls = ServerFacts['kafka']['tls']

function servers({ kafka, registry, redis, http }: ServerFacts): readonly string[] {
  const sasl = kafka.sasl === null ? 'no authentication' : `${kafka.sasl.mechanism} as ${kafka.sasl.as}`
  const compression = kafka.compression === 'none' ? 'uncompressed' : kafka.compression
  return aligned([
    ['Kafka', `${kafka.brokers.join(', ')}; ${tlsText(kafka.tls)}; ${sasl}; ${compression}`],
    [
      'Registry',
      registry === null ? 'none: readers take the schemas from schemas/' : `${registry.url}; ${userText(registry.as)}`,
    ],
    [
      'Redis',
      redis === null
        ? 'none: starts read the log alone'
        : `${redis.kind} ${redis.at.join(', ')}; ${tlsText(redis.tls)}; ${userText(redis.as)}; the last ${grouped(redis.historyLimit)} versions`,
    ],
    ['HTTP', http === null ? 'not served' : `${http.host}, ${http.port === 0 ? 'any free port' : `port ${http.port}`}`],
  ])
}

function tlsText(tls: Tls): string {
  if (tls === null) return 'not encrypted'
  const authority = tls.trusts === 'caFile' ? 'the authorities of caFile' : 'the public authorities'
  return `TLS trusting ${authority}${tls.clientCertificate ? ', with a client certificate' : ''}`
}

function userText(user: string | null): string {
  return user === null ? 'no authentication' : `as ${user}`
}

function set({ set: keys }: Explanation): readonly string[] {
  const rows = Object.entries(keys).map(([key, { by, shown }]) => [key, shown, by === 'file' ? 'file' : by])
  return rows.length === 0
    ? ['nothing: every key has its default']
    : [...aligned(rows), 'every other key has its default']
}

/** Cells in columns as wide as their widest. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** The largest unit that leaves a whole number: 90 s, 2 h, 30 d. */
export function durationText(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const
  const unit = units.find(([, size]) => ms >= size && ms % size === 0)
  return unit === undefined ? `${grouped(ms)} ms` : `${grouped(ms / unit[1])} ${unit[0]}`
}

export function bytesText(bytes: number): string {
  const units = [
    ['MiB', 1_048_576],
    ['KiB', 1024],
  ] as const
  const unit = units.find(([, size]) => bytes >= size && bytes % size === 0)
  return unit === undefined ? `${grouped(bytes)} bytes` : `${grouped(bytes / unit[1])} ${unit[0]}`
}
