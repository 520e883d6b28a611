/** What processes and trainers tell the audit, and that it verifies, whoever dies. */
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeCommand } from '../../../src/core/codec/command-codec.ts'
import { type CommandKind, commandOf } from '../../../src/core/command/command.ts'
import { Audit } from '../../../src/runtime/audit/audit.ts'
import { type KeptAudit, newestAudit, verifyAudit } from '../../../src/runtime/audit/audit-reading.ts'
import { configurationEntry, tellConfiguration } from '../../../src/runtime/audit/configuration-record.ts'
import type { EventLog } from '../../../src/runtime/ports.ts'
import { settingsFor } from '../../pipeline/harness.ts'
import { publishEvents } from '../model-world.ts'
import { recordedTelemetry } from '../recorded-telemetry.ts'
import { mortalWire, startTrainer, type TrainersWorld, trainersWorld, versionOf } from '../trainers.ts'

const topic = 'audit'
const place = { topic, schemaId: 9 }
const topicNames = settingsFor('cards', 'in').topics
const forever = new AbortController().signal
let world: TrainersWorld

beforeEach(async () => {
  world = await trainersWorld()
  await world.log.prepare([{ topic, partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
})

function auditOn(log: EventLog, telemetry = recordedTelemetry()): Audit {
  return new Audit({ log, topic, schemaId: async () => 9, clock: world.clock, telemetry, via: 'API' })
}

async function kept(kinds: readonly KeptAudit['kind'][] = [], limit = 1000): Promise<readonly KeptAudit[]> {
  return newestAudit(world.log, topic, { limit, sinceMs: 0, kinds }, forever)
}

async function expectSound(records: number): Promise<void> {
  expect(await verifyAudit(world.log, topic, null, forever)).toMatchObject({ records, findings: [] })
}

const freeze = { kind: 'freeze', by: 'zoe', reason: 'cents', version: 7 }

describe('the audit of processes', () => {
  test('keeps each command as it was given, in order, whoever gave it', async () => {
    const audits = [auditOn(world.log), auditOn(world.cluster.client()), auditOn(world.cluster.client())]
    for (let i = 0; i < 12; i++) await audits[i % 3].command({ ...freeze, version: i + 1, facts: { targetVersion: i } })
    const [newest] = await kept()
    expect(newest).toMatchObject({
      kind: 'command',
      what: 'freeze',
      by: 'zoe',
      reason: 'cents',
      outcome: 'given',
      version: 12,
    })
    expect(newest.facts).toEqual([
      { name: 'via', value: 'API' },
      { name: 'targetVersion', value: '11' },
    ])
    expect((await kept()).map(({ version }) => version)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    await expectSound(12)
  })

  test('ties the chains together: each record names what its writer had read of all', async () => {
    const audits = [auditOn(world.log), auditOn(world.cluster.client())]
    for (let i = 0; i < 6; i++) await audits[i % 2].command(freeze)
    const [last, before] = await kept()
    expect(last.seen.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4])
    expect(last).toMatchObject({ sequence: 2, previousOffset: 3 })
    expect(before).toMatchObject({ sequence: 2, previousOffset: 2 })
  })

  test('keeps what is told at once in one chain, though nobody waits in between', async () => {
    const audit = auditOn(world.log)
    await Promise.all(Array.from({ length: 40 }, () => audit.command(freeze)))
    expect((await kept()).map(({ sequence }) => sequence)).toEqual(Array.from({ length: 40 }, (_, i) => 39 - i))
    await expectSound(40)
  })

  test('refuses to let more wait than it may remember', async () => {
    const audit = auditOn(world.log)
    const all = await Promise.allSettled(Array.from({ length: 300 }, () => audit.command(freeze)))
    expect(all.filter(({ status }) => status === 'rejected').length).toBe(100)
    await expectSound(200)
  })

  test('goes on with another chain when nobody knows whether a record was kept', async () => {
    let isBroken = false
    const { log } = world
    const broken: EventLog = {
      ...log,
      bounds: (at) => log.bounds(at),
      describe: (name) => log.describe(name),
      follow: (topic, from, signal) => log.follow(topic, from, signal),
      async publish(write) {
        await log.publish(write)
        if (isBroken) throw new Error('not heard')
      },
    }
    const audit = auditOn(broken)
    await audit.command(freeze)
    isBroken = true
    await expect(audit.command(freeze)).rejects.toThrow('not heard')
    isBroken = false
    await audit.command(freeze)
    const [last, unheard, first] = await kept()
    expect(unheard.writer).toBe(first.writer)
    expect(last.writer).not.toBe(first.writer)
    await expectSound(3)
  })

  test('says at once that its topic is not there', async () => {
    const audit = new Audit({
      ...{ log: world.log, clock: world.clock, telemetry: recordedTelemetry(), via: 'API' },
      topic: 'none',
      schemaId: async () => 9,
    })
    await expect(audit.command(freeze)).rejects.toThrow('topic none must exist')
  })
})

describe('refused accesses', () => {
  const knock = { client: null, address: '10.0.0.7', method: 'GET', route: '/v1/model', needed: 'read' }

  test('are kept one by one up to a bound, and counted beyond it, once a minute', async () => {
    const audit = auditOn(world.log)
    for (let i = 0; i < 100; i++) audit.refused(knock)
    await world.later(async () => expect((await kept()).length).toBe(21))
    const [counted, last] = await kept()
    expect(last).toMatchObject({ kind: 'access', what: 'GET /v1/model', by: 'unknown', outcome: 'refused' })
    expect(last.facts).toContainEqual({ name: 'address', value: '10.0.0.7' })
    expect(counted.facts).toEqual([{ name: 'refusals', value: '80' }])
    for (let i = 0; i < 21; i++) audit.refused({ ...knock, client: 'grafana' })
    await audit.close()
    const [again, own] = await kept()
    expect(again.facts).toEqual([{ name: 'refusals', value: '1' }])
    expect(own.by).toBe('grafana')
    await expectSound(42)
  })

  test('are counted where the audit cannot be written, and hold nobody up', async () => {
    const telemetry = recordedTelemetry()
    const { log } = world
    const refused = async () => Promise.reject(new Error('no right to write'))
    const audit = auditOn({ ...log, describe: (name) => log.describe(name), publish: refused }, telemetry)
    for (let i = 0; i < 3; i++) audit.refused(knock)
    await world.later(() => expect(telemetry.counted('shoal_audit_failures_total', { kind: 'access' })).toBe(3))
    await expect(audit.command(freeze)).rejects.toThrow('no right to write')
    expect(telemetry.counted('shoal_audit_failures_total', { kind: 'command' })).toBe(1)
  })
})

describe('the configuration', () => {
  const set = (keys: Readonly<Record<string, string>>) => ({
    origins: new Map(Object.entries(keys).map(([key, shown]) => [key, { by: 'file', shown }])),
    release: '1.0.0',
    fingerprint: 'ab',
  })

  test('is told when it is another than the one that was told last, with the keys that differ', async () => {
    const tell = (keys: Readonly<Record<string, string>>) =>
      tellConfiguration(
        auditOn(world.cluster.client()),
        { topics: { ...topicNames, audit: topic } },
        { configuration: set(keys), log: world.log, clock: world.clock, telemetry: recordedTelemetry() },
        forever,
      )
    await tell({ 'clusters.k': '8', 'kafka.sasl.password': '***' })
    await tell({ 'clusters.k': '8', 'kafka.sasl.password': '***' })
    await tell({ 'clusters.k': '9', name: 'cards' })
    const [second, first, ...others] = await kept(['configuration'])
    expect(others).toEqual([])
    expect(first.differs).toEqual(['release', 'fingerprint', 'clusters.k', 'kafka.sasl.password'])
    expect(second.differs).toEqual(['clusters.k', 'name', 'kafka.sasl.password'])
    expect(second.facts).toContainEqual({ name: 'clusters.k', value: '9' })
    await expectSound(2)
  })

  test('does not differ in what each process has for itself', () => {
    const entry = configurationEntry(set({ 'http.port': '1', 'clusters.k': '8' }), [])
    const facts = entry?.facts ?? []
    expect(configurationEntry(set({ 'http.port': '2', 'kafka.clientId': 'b', 'clusters.k': '8' }), facts)).toBeNull()
    expect(configurationEntry(set({ 'http.port': '2', 'clusters.k': '9' }), facts)?.differs).toEqual(['clusters.k'])
  })

  test('differs also where a long value differs behind what is told of it', () => {
    const long = 'x'.repeat(5000)
    const entry = configurationEntry(set({ features: `${long}a` }), [])
    const fact = entry?.facts.find(({ name }) => name === 'features')
    expect(fact?.value.length).toBeLessThan(1000)
    expect(configurationEntry(set({ features: `${long}a` }), entry?.facts ?? [])).toBeNull()
    expect(configurationEntry(set({ features: `${long}b` }), entry?.facts ?? [])?.differs).toEqual(['features'])
  })
})

describe('the audit of trainers', () => {
  const orders: readonly CommandKind[] = ['freeze', 'freeze', 'resume', 'refit']

  /** Commands to the model that is there, as a person writes them. */
  async function order(kinds: readonly CommandKind[], bornAtMs: number): Promise<void> {
    await world.log.publish((outputs) => {
      for (const kind of kinds) {
        const command = commandOf(kind, { bornAtMs, reason: 'a test', by: 'zoe', atMs: 5 })
        const value = Buffer.concat([Buffer.alloc(5), encodeCommand(command)])
        outputs.append({ topic: 'updates', partition: 0, key: null, value, timestamp: 1000 })
      }
    })
  }

  const tellable = ({ kind, what, outcome }: KeptAudit) => `${kind} ${what} ${outcome}`
  const expected = [
    'birth birth promoted',
    'command freeze obeyed',
    'command freeze refused',
    'command resume obeyed',
    'command refit obeyed',
  ]

  test('tells a birth, and what became of each command', async () => {
    await publishEvents(world.log, 0, 700)
    const trainer = startTrainer(world.cluster, world.clock, { audit: place })
    await world.later(() => expect(versionOf(trainer)).toBe(1))
    const { model } = trainer.follower.current()!.scorer
    await order(orders, model.bornAtMs)
    await world.later(() => expect(versionOf(trainer)).toBe(5))
    await trainer.stop()
    const records = (await kept()).toReversed()
    expect(records.map(tellable)).toEqual(expected)
    expect(records.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5])
    expect(records[2].facts).toContainEqual({
      name: 'refused',
      value: 'learning must go on: it has stood still since version 2',
    })
    expect(records.every(({ by }, i) => by === (i === 0 ? 'shoal' : 'zoe'))).toBe(true)
    await expectSound(5)
  })

  test.each([
    { request: 'end', heard: true, nth: 1 },
    { request: 'end', heard: false, nth: 1 },
    { request: 'end', heard: true, nth: 2 },
    { request: 'end', heard: false, nth: 2 },
    { request: 'produce', heard: true, nth: 1 },
    { request: 'produce', heard: true, nth: 2 },
    { request: 'produce', heard: false, nth: 2 },
  ] as const)('tells each once when the trainer dies at the request $request $nth (heard: $heard)', async (at) => {
    await publishEvents(world.log, 0, 700)
    const { wire, dead } = mortalWire(world.clock, at)
    let isDead = false
    void dead.then(() => {
      isDead = true
    })
    const trainer = startTrainer(world.cluster, world.clock, { audit: place, wire })
    const observer = startTrainer(world.cluster, world.clock, { audit: place })
    await world.later(() => expect(isDead || versionOf(observer) === 1).toBe(true))
    if (isDead) trainer.client.fallSilent()
    await world.later(() => expect(versionOf(observer)).toBe(1))
    await order(orders, observer.follower.current()!.scorer.model.bornAtMs)
    await world.later(() => expect(isDead || versionOf(observer) === 5).toBe(true))
    if (isDead) trainer.client.fallSilent()
    await world.later(() => expect(versionOf(observer)).toBe(5))
    await observer.stop()
    expect(isDead).toBe(true)
    expect((await kept()).toReversed().map(tellable)).toEqual(expected)
    await expectSound(5)
  })

  test('tells nothing where it is not asked to', async () => {
    await publishEvents(world.log, 0, 700)
    const trainer = startTrainer(world.cluster, world.clock)
    await world.later(() => expect(versionOf(trainer)).toBe(1))
    await trainer.stop()
    expect(await kept()).toEqual([])
  })
})
