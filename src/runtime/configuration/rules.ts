/** Rules across keys, which no schema of a single key can hold. */
import { columnCount } from '../../core/features/feature-plan.ts'
import { leastBirthEvents } from '../../core/kmeans/k-choice.ts'
import { profileRules } from './profile-rules.ts'
import { featureSpec } from './resolved-features.ts'
import type { Settings } from './schema.ts'
import { httpRules, kafkaRules, redisRules, registryRules } from './server-rules.ts'
import { type OutputTopic, outputTopicName, outputTopics } from './topics.ts'
import { broken, type Violation } from './violation.ts'

const maxColumns = 256

/** What settings that fit the schema break all the same. */
export function brokenRules(settings: Settings): readonly Violation[] {
  return [
    ...inputRules(settings),
    ...featureRules(settings),
    ...profileRules(settings),
    ...learningRules(settings),
    ...topicRules(settings),
    ...shadowRules(settings),
    ...workerRules(settings),
    ...kafkaRules(settings.kafka),
    ...registryRules(settings),
    ...redisRules(settings.redis),
    ...httpRules(settings.http),
  ]
}

function* inputRules({ input }: Settings): Generator<Violation> {
  if (input.format === 'json' && input.schemaFile !== null) {
    yield broken('input.schemaFile', 'must be null when input.format is json', input.schemaFile)
  }
}

function* featureRules(settings: Settings): Generator<Violation> {
  const specs = settings.features.map(featureSpec)
  const names = new Set<string>()
  for (const [index, { name, transform }] of specs.entries()) {
    if (names.has(name)) yield broken(`features[${index}].name`, 'must be unique (its default is the field)', name)
    names.add(name)
    if (transform.kind !== 'oneHot') continue
    const twice = transform.values.find((value, at) => transform.values.indexOf(value) !== at)
    if (twice !== undefined) yield broken(`features[${index}].transform.oneHot`, 'must not name a value twice', twice)
  }
  const columns = specs.reduce((sum, spec) => sum + columnCount(spec), 0)
  if (columns > maxColumns) yield broken('features', `must have at most ${maxColumns} columns in total`, columns)
}

function* learningRules({ clusters, bootstrap, models }: Settings): Generator<Violation> {
  const least = leastBirthEvents(clusters.k)
  if (bootstrap.minEvents !== null && bootstrap.minEvents < least) {
    yield broken('bootstrap.minEvents', `must be at least ${least} with clusters.k ${clusters.k}`, bootstrap.minEvents)
  }
  const { allForMs, hourlyForMs, dailyForMs } = models.keep
  if (hourlyForMs < allForMs)
    yield broken('models.keep.hourlyForMs', `must be at least models.keep.allForMs, ${allForMs}`, hourlyForMs)
  if (dailyForMs < hourlyForMs)
    yield broken('models.keep.dailyForMs', `must be at least models.keep.hourlyForMs, ${hourlyForMs}`, dailyForMs)
}

function* topicRules(settings: Settings): Generator<Violation> {
  const taken = new Map([[settings.input.topic, 'input.topic']])
  for (const output of Object.keys(outputTopics) as OutputTopic[]) {
    const name = outputTopicName(settings, output)
    const other = taken.get(name)
    if (other !== undefined) yield broken(`topics.${output}`, `must differ from ${other}`, name)
    taken.set(name, `topics.${output}`)
  }
}

function* shadowRules({ name, shadow }: Settings): Generator<Violation> {
  if (shadow.of === name)
    yield broken('shadow.of', 'must be another deployment than this one, whose `name` it is', name)
  if (shadow.of !== null && name === `${shadow.of}.train`)
    yield broken('name', `must not be the group of those who train ${shadow.of}`, name)
}

function* workerRules({ worker, input }: Settings): Generator<Violation> {
  if (worker.maxBytesPerTransaction < input.maxEventBytes) {
    const rule = `must be at least input.maxEventBytes, ${input.maxEventBytes}`
    yield broken('worker.maxBytesPerTransaction', rule, worker.maxBytesPerTransaction)
  }
}
