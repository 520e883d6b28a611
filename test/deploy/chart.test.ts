/** The chart, as far as it can be judged without helm; `npm run deploy:check` renders it and asks the others. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import type { EventLog, TopicSpec } from '../../src/runtime/ports.ts'
import { topicSpecs } from '../../src/runtime/topics.ts'

const deploy = join(import.meta.dirname, '..', '..', 'deploy')
const chart = join(deploy, 'helm', 'shoal')
const read = (path: string) => readFileSync(join(chart, path), 'utf8')
const sets = (folder: string) => readdirSync(join(chart, folder)).sort()
const policies = sets('policies')
  .filter((file) => file.endsWith('.rego'))
  .map((file) => read(`policies/${file}`))
  .join('\n')

test('five value sets and more are rendered, and five and more are refused, each named by its policy', () => {
  expect(sets('ci').length).toBeGreaterThanOrEqual(5)
  const refused = sets('refused').map((file) => basename(file, '.yaml'))
  expect(refused.length).toBeGreaterThanOrEqual(5)
  for (const name of refused) expect(policies).toContain(`${name}: `)
})

describe.each(sets('ci'))('ci/%s', (file) => {
  test('has a configuration that Shoal takes, with the part of the chart', () => {
    const { configuration } = parse(read(`ci/${file}`))
    const http = { host: '0.0.0.0', port: 9404, tokensFile: '/run/secrets/shoal/tokens.yaml' }
    const secrets = (path: string) =>
      path.endsWith('.crt') ? rootCertificates[0] : path.endsWith('.yaml') ? 'tokens: []' : 'a secret'
    const loaded = loadConfiguration({ text: JSON.stringify({ ...configuration, http }), env: {}, readFile: secrets })
    expect(loaded.name).toBe(configuration.name)
  })
})

test('alerts, recording rules and the dashboard are those of deploy/, not copies', () => {
  const linked = ['shoal.alerts.yml', 'shoal.recording.yml', 'dashboard.json'].map((file) =>
    realpathSync(join(chart, 'files', file)),
  )
  expect(linked).toEqual(
    ['prometheus/shoal.alerts.yml', 'prometheus/shoal.recording.yml', 'grafana/shoal.json'].map((file) =>
      join(realpathSync(deploy), file),
    ),
  )
})

test('the release is that of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(deploy, '..', 'package.json'), 'utf8'))
  expect(parse(read('Chart.yaml'))).toMatchObject({ version, appVersion: version })
})

/** As Kafka calls them, of a topic that Shoal would make. */
function configOf({ cleanup, retentionMs, maxMessageBytes, segmentBytes, datedBy, aheadMs }: TopicSpec) {
  return {
    'cleanup.policy': cleanup,
    ...(retentionMs === undefined ? {} : { 'retention.ms': String(retentionMs) }),
    ...(maxMessageBytes === undefined ? {} : { 'max.message.bytes': String(maxMessageBytes) }),
    ...(segmentBytes === undefined ? {} : { 'segment.bytes': String(segmentBytes) }),
    ...(datedBy === undefined ? {} : { 'message.timestamp.type': 'LogAppendTime' }),
    ...(aheadMs === undefined ? {} : { 'message.timestamp.after.max.ms': String(2n ** 63n - 1n) }),
  }
}

test('the topics that the chart makes are those that Shoal would make of an input by Kafka’s defaults', async () => {
  const input = { partitions: 3, maxMessageBytes: 1_048_588, aheadMs: 3_600_000, cleanup: 'delete', hasLeaders: true }
  const log: Pick<EventLog, 'describe'> = { describe: async () => input }
  const names = [
    'assignments',
    'anomalies',
    'dead-letters',
    'drift-events',
    'model-updates',
    'models',
    'profiles',
    'audit',
    'primary',
  ]
  const [assignments, anomalies, deadLetters, driftEvents, modelUpdates, models, profiles, audit, primary] = names
  const { topics } = loadConfiguration({ text: '', env: {} })
  const policy = {
    create: false,
    retentionMs: null,
    modelUpdatesRetentionMs: topics.modelUpdatesRetentionMs,
    auditRetentionMs: topics.auditRetentionMs,
  }
  const { all } = await topicSpecs(
    log as EventLog,
    {
      ...{ input: 'in', assignments, anomalies, deadLetters, driftEvents, modelUpdates, models, profiles, audit },
      ...{ primary, shadow: { assignments: 'shadow-assignments', anomalies: 'shadow-anomalies' } },
    },
    policy,
    true,
  )
  const made = all
    .filter(({ owner }) => owner === 'shoal')
    .map((spec) => [spec.topic, { perEvent: spec.partitions === 3, config: configOf(spec) }])
  expect(parse(read('files/topics.yaml'))).toEqual(Object.fromEntries(made))
})

test('the script of rights gives what the chart gives to a user of Strimzi', () => {
  const script = join(deploy, 'kafka', 'acls.sh')
  const said = execFileSync('sh', [script, 'User:shoal', 'payments', 'card-payments', 'created', 'other'], {
    encoding: 'utf8',
  })
  const given = said
    .trim()
    .split('\n')
    .map((line) => [
      /--(topic|group|transactional-id) '([^']+)'/.exec(line)?.slice(1).join(' '),
      [...line.matchAll(/--operation (\w+)/g)].map(([, operation]) => operation),
    ])
  const text = read('templates/strimzi.yaml')
    .replaceAll(/\{\{ if \$created \}\}(.*?)\{\{ end \}\}/g, '$1')
    .replaceAll('{{ include "shoal.input" $ | quote }}', 'card-payments')
    .replaceAll(/\{\{ printf "%s([.\w-]+)" (?:\$prefix|\(include "shoal.model" \$\)) \| quote \}\}/g, 'payments$1')
    .replaceAll('{{ include "shoal.model" $ | quote }}', 'payments')
    .replace(/\{\{- range \$topic := list (.*?) \}\}\n([\s\S]*?)\{\{- end \}\}\n/, (_, topics: string, body: string) =>
      topics
        .split(' ')
        .map((topic) =>
          body.replace('{{ printf "%s.%s" $beside $topic | quote }}', `other.${topic.replaceAll('"', '')}`),
        )
        .join(''),
    )
    .replace(/\{\{- range \$beside := \.beside \}\}\n([\s\S]*?)\{\{- end \}\}\n/, '$1')
    .replace('{{ $beside | quote }}', 'other')
  const [, list = ''] = /acls:\n([\s\S]*?)\{\{- if not/.exec(text) ?? []
  const strimzi = parse(list) as { resource: { type: string; name: string }; operations: string[] }[]
  const wanted = strimzi.map(({ resource: { type, name }, operations }) => [
    `${type === 'transactionalId' ? 'transactional-id' : type} ${name}`,
    operations,
  ])
  expect(given).toEqual(wanted)
})

test('docs/deployment.md tells of each policy, and of no other', () => {
  const page = readFileSync(join(deploy, '..', 'docs', 'deployment.md'), 'utf8')
  const told = [...page.matchAll(/^\| (`.*`) \|/gm)].flatMap(([, names]) =>
    [...names.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
  )
  const named = [...policies.matchAll(/deny contains (?:sprintf\()?"([a-z-]+): /g)].map(([, name]) => name)
  expect(told.sort()).toEqual([...new Set(named)].sort())
})
