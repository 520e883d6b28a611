/** A registry holds up only who needs an answer of it: who knows his schemas goes on, who starts waits and says why. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../pipeline/harness.ts'
import type { ShoalProcess } from '../../stack/shoal-process.ts'
import { describeFaults, inFull } from '../describe-faults.ts'
import { type FaultyRegistry, openFaultyRegistry } from '../faulty-registry.ts'
import { answersAfter, registryFaults, withoutSchemas } from '../registry-faults.ts'
import { openRig, type Rig } from '../rig.ts'

const deadlineMs = inFull(1_800_000, 400_000)
const stateDeadlineMs = 90_000
/** Beyond what the health waits for an answer before it says so, and what a request may take is 30 s. */
const slowMs = 6_000

describeFaults('a pipeline whose registry fails', ({ kafka, servers }) => {
  let rig: Rig
  let registry: FaultyRegistry

  beforeAll(async () => {
    registry = await openFaultyRegistry(servers.registry)
    rig = await openRig('registry', kafka, { ...servers, registry: registry.address })
    await rig.crew.fill(1)
    await rig.recovered(Date.now(), 'the start')
  }, deadlineMs)

  afterAll(async () => {
    await rig?.close()
    await registry?.close()
  }, deadlineMs)

  async function healthIs(process: ShoalProcess, line: RegExp): Promise<void> {
    let last = ''
    const isSo = async () => {
      last = await process.health()
      return line.test(last)
    }
    await until(isSo, () => `${line}. It is "${last}". ${rig.crew.said()}`, stateDeadlineMs)
  }

  /** It has met every schema that the input uses: the generator's invalid events are of others, and of unknown ones. */
  async function knowsItsSchemas(process: ShoalProcess): Promise<void> {
    const reasons = ['unknown_schema', 'wrong_type', 'missing_field']
    const met = async () => {
      const counts = await Promise.all(
        reasons.map((reason) => process.metric('shoal_dead_letters_total', `reason="${reason}"`)),
      )
      return (await process.metric('shoal_events_total')) > 0 && counts.every((count) => count > 0)
    }
    await until(met, () => `events of every schema. ${rig.crew.said()}`, stateDeadlineMs)
  }

  /** The newcomer takes the work over from whoever was there. */
  async function replaces(newcomer: ShoalProcess): Promise<void> {
    await rig.crew.settled()
    for (const old of rig.crew.live.filter((each) => each !== newcomer)) {
      old.signal('SIGTERM')
      expect((await old.ended).code).toBe(0)
    }
    await rig.crew.settled()
    await healthIs(newcomer, /^ready: serving$/)
  }

  test('goes on with what it knows, while one who starts waits and says why', { timeout: deadlineMs }, async () => {
    await knowsItsSchemas(rig.crew.live[0])
    for (const { name, says, fault } of inFull(registryFaults, registryFaults.slice(0, 1))) {
      let newcomer: ShoalProcess | undefined
      await rig.inject(name, async () => {
        registry.fault = fault
        newcomer = await rig.crew.start()
        await healthIs(newcomer, says)
        expect(await rig.crew.live[0].health()).toBe('ready: serving')
        return undefined
      })
      registry.fault = null
      await replaces(newcomer!)
      await knowsItsSchemas(newcomer!)
    }
  })

  test('waits with the partitions of one who has yet to learn a schema, and with no other', {
    timeout: deadlineMs,
  }, async () => {
    let newcomer: ShoalProcess | undefined
    await rig.inject('registry fails before the first schema is asked for', async () => {
      registry.fault = withoutSchemas
      newcomer = await rig.crew.start()
      await rig.crew.settled()
      await healthIs(newcomer, /^ready: degraded: registry: .*by the test/)
      const sinceMs = Date.now()
      const halfFlows = () => rig.verifier.stoppedSince(sinceMs).length === 2
      await until(halfFlows, () => `two of four partitions: without are ${rig.verifier.stoppedSince(sinceMs)}`)
      registry.fault = null
      return undefined
    })
    await replaces(newcomer!)
  })

  // Only there: half a minute of waiting.
  const slow = () =>
    test('starts although each answer takes its time', { timeout: deadlineMs }, async () => {
      await rig.inject('registry answers slowly', async () => {
        registry.fault = answersAfter(slowMs)
        const newcomer = await rig.crew.start()
        await healthIs(newcomer, /^not ready: starting: registry: .*no answer/)
        await healthIs(newcomer, /^ready: /)
        registry.fault = null
        await replaces(newcomer)
        return undefined
      })
    })
  if (inFull(true, false)) slow()

  test('ends as any other', { timeout: deadlineMs }, async () => {
    await rig.end()
    expect(rig.verifier.counts.events).toBeGreaterThan(0)
  })
})
