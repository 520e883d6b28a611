/** The rights that deploy/kafka/acls.sh gives are enough, on a broker that gives none by itself; one that is missing is said, and waited for. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs, { type AclEntry } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type KafkaServer, startKafka } from '../../tools/stack/kafka.ts'
import { withAdmin } from '../kafka-admin.ts'
import { until } from '../pipeline/harness.ts'
import { type ShoalProcess, shoal, startShoal } from './shoal-process.ts'

const events = 3_000
const deadlineMs = 90_000
const name = 'payments'
const input = 'card-payments'
const script = join(import.meta.dirname, '..', '..', 'deploy', 'kafka', 'acls.sh')

let folder: string
let kafka: KafkaServer
let config: string
let admin: string
const running: ShoalProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-rights-'))
  const on = (key: string) => `listener.name.rights.${key}`
  kafka = await startKafka({
    listeners: [{ name: 'RIGHTS', protocol: 'SASL_PLAINTEXT' }],
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // The broker itself, and the test.
      'super.users': 'User:ANONYMOUS',
      [on('sasl.enabled.mechanisms')]: 'PLAIN',
      [on('plain.sasl.jaas.config')]:
        'org.apache.kafka.common.security.plain.PlainLoginModule required user_shoal="secret" user_green="secret";',
    },
  })
  config = await configured('shoal.yaml', {
    brokers: [`127.0.0.1:${kafka.ports.get('RIGHTS')}`],
    sasl: { mechanism: 'plain', username: 'shoal', password: 'secret' },
  })
  admin = await configured('admin.yaml', { brokers: [kafka.address] })
  await produce()
})

async function produce(): Promise<void> {
  await shoal('produce', '--config', admin, '--count', String(events), '--format', 'json', '--partitions', '2')
}

async function isServing(started: ShoalProcess): Promise<boolean> {
  return (await started.health()) === 'ready: serving'
}

afterAll(async () => {
  for (const { signal } of running) signal('SIGKILL')
  await Promise.all(running.map(({ ended }) => ended))
  await kafka?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function configured(file: string, to: object, more: object = {}): Promise<string> {
  const path = join(folder, file)
  const sections = { name, input: { topic: input, format: 'json' }, kafka: to, registry: { url: null }, ...more }
  await writeFile(path, JSON.stringify(sections))
  return path
}

async function start(process: string, file = config): Promise<ShoalProcess> {
  const started = await startShoal(process, file)
  running.push(started)
  return started
}

/** The server, what was done, and what to do. */
const refusal =
  /Kafka at 127\.0\.0\.1:\d+: [^"]*: not allowed \((TOPIC|GROUP|TRANSACTIONAL_ID)_AUTHORIZATION_FAILED\): give its user the right, as deploy\/kafka\/acls\.sh has it/

const { AclResourceTypes, ResourcePatternTypes, AclOperationTypes, AclPermissionTypes } = kafkajs
const kinds = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  'transactional-id': AclResourceTypes.TRANSACTIONAL_ID,
} as const
const operations = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  Create: AclOperationTypes.CREATE,
  Alter: AclOperationTypes.ALTER,
} as const

/** What kafka-acls.sh, which Kafka's packages do not bring, would make of a line of the script. */
function entriesOf(line: string): readonly AclEntry[] {
  const [, principal] = /--allow-principal '([^']+)'/.exec(line)!
  const [, kind, resourceName] = /--(topic|group|transactional-id) '([^']+)'/.exec(line)!
  const isPrefix = line.includes('--resource-pattern-type prefixed')
  return [...line.matchAll(/--operation (\w+)/g)].map(([, operation]) => ({
    resourceType: kinds[kind as keyof typeof kinds],
    resourceName,
    resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    principal,
    host: '*',
    operation: operations[operation as keyof typeof operations],
    permissionType: AclPermissionTypes.ALLOW,
  }))
}

const linesOf = (...of: readonly string[]) =>
  execFileSync('sh', [script, ...of], { encoding: 'utf8' })
    .trim()
    .split('\n')
const lines = linesOf('User:shoal', name, input)
const give = (given: readonly string[]) =>
  withAdmin(kafka.address, (admin) => admin.createAcls({ acl: given.flatMap(entriesOf) }))

test.each([
  ['the input', 'card-payments', 'topic'],
  ['its own topics', `${name}.`, 'topic'],
  ['the group', name, 'group'],
  ['transactions', `${name}-`, 'transactional-id'],
])('without the right to %s a process says so and goes on asking, and with it it works', async (_, resource, kind) => {
  const missing = lines.filter((line) => line.includes(`--${kind} '${resource}'`))
  expect(missing).toHaveLength(1)
  await withAdmin(kafka.address, (admin) =>
    admin.deleteAcls({
      filters: [
        {
          resourceType: AclResourceTypes.ANY,
          resourcePatternType: ResourcePatternTypes.ANY,
          operation: AclOperationTypes.ANY,
          permissionType: AclPermissionTypes.ANY,
        },
      ],
    }),
  )
  await give(lines.filter((line) => !missing.includes(line)))
  const started = await start(`without-${kind}`)
  // With a model from before and nothing to score, a process may be ready while its other half is refused.
  const isRefused = async () => refusal.test(await started.health())
  await until(isRefused, () => `a refusal that is said:\n${started.said()}`, deadlineMs)
  const attempts = () => started.metric('shoal_restarts_total', 'code="log.refused"')
  await until(
    async () => (await attempts()) >= 2,
    () => `a second attempt:\n${started.said()}`,
    deadlineMs,
  )
  // Whatever says it, says it once in the same words.
  const said = started.lines().flatMap((line) => refusal.exec(line)?.slice(0, 1) ?? [])
  expect(said.length).toBeGreaterThan(0)
  expect(new Set(said).size).toBe(said.length)

  await give(missing)
  await until(
    () => isServing(started),
    () => `serving: ${started.said()}`,
    deadlineMs,
  )
  started.signal('SIGTERM')
  expect((await started.ended).code).toBe(0)
})

test('with those rights alone every event is scored', async () => {
  await produce()
  const started = await start('with-all')
  await until(
    () => isServing(started),
    () => `serving: ${started.said()}`,
    deadlineMs,
  )
  // A position is committed with the outcomes before it.
  const left = () =>
    withAdmin(kafka.address, async (admin) => {
      const ends = await admin.fetchTopicOffsets(input)
      const [{ partitions }] = await admin.fetchOffsets({ groupId: name, topics: [input] })
      const done = partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0)
      return ends.reduce((sum, { offset }) => sum + Number(offset), 0) - done
    })
  await until(
    async () => (await left()) === 0,
    () => `the end of the input. It has said:\n${started.said()}`,
    deadlineMs,
  )
  // Another process, which has not written any of it: without a registry both know the schemas by the same ids.
  const { stdout } = await shoal('consume', 'assignments', '--config', config, '--json')
  const scored = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { value: { cluster: number } | null })
  expect(scored.length).toBeGreaterThanOrEqual(2 * events * 0.9)
  expect(scored.filter(({ value }) => !Number.isInteger(value?.cluster))).toEqual([])
  started.signal('SIGTERM')
  expect((await started.ended).code).toBe(0)
})

test('with the rights of a second deployment it follows the first, takes over from it, and from its grave', async () => {
  await give(linesOf('User:green', 'green', input, 'created', name))
  await give(linesOf('User:shoal', name, input, 'created', 'green'))
  const to = { brokers: [`127.0.0.1:${kafka.ports.get('RIGHTS')}`] }
  const sasl = { mechanism: 'plain', username: 'green', password: 'secret' }
  const beside = { name: 'green', shadow: { of: name }, clusters: { k: 4 } }
  const green = await configured('green.yaml', { ...to, sasl }, beside)
  const first = await start('first')
  const second = await start('second', green)
  await until(
    async () => (await isServing(first)) && (await isServing(second)),
    () => `both serving: ${first.said()} ${second.said()}`,
    deadlineMs,
  )
  const given = ['--reason', 'a test', '--force', '--wait', '60s', '--json']
  const promoted = async (file: string) => JSON.parse((await shoal('promote', '--config', file, ...given)).stdout)
  expect(await promoted(green)).toMatchObject({ name: 'green', handedOver: 2 })
  expect(await promoted(config)).toMatchObject({ name, handedOver: 2 })
  first.signal('SIGTERM')
  expect((await first.ended).code).toBe(0)
  expect(await promoted(green)).toMatchObject({ name: 'green', handedOver: 2 })
  second.signal('SIGTERM')
  expect((await second.ended).code).toBe(0)
})
