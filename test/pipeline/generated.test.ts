/** The generator's stream through the whole service, judged by its own truth. */
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { avroWriter } from '../../src/adapters/registry/avro-values.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { lagOf } from '../../src/runtime/lag.ts'
import { type Service, startService } from '../../src/runtime/service.ts'
import { deadLetterHeaders } from '../../src/stages/dead-letter.ts'
import { type CommandLine, commandLine, schemaText } from '../cli/command-line.ts'
import { readTopic, silentTelemetry, until } from './harness.ts'

const started: Service[] = []

afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop()))
})

/** Runs the service until it has dealt with all of its input. */
async function work({ cluster, log, registry, configuration, context }: CommandLine): Promise<void> {
  const settings = context.settingsOf(configuration)
  started.push(
    startService(settings, {
      log: cluster.client(),
      registry,
      snapshots: null,
      clock: systemClock,
      telemetry: silentTelemetry(),
      projection: () => context.projectionOf(configuration, settings),
      schema: schemaText,
      encodeAnomaly: (id) => avroWriter(schemaText('anomaly'), id),
    }),
  )
  let lags = ''
  await until(
    async () => {
      const lag = await lagOf(log, settings.name, settings.topics.input)
      lags = `lag ${[...lag.values()]}`
      return [...lag.values()].every((events) => events === 0)
    },
    () => lags,
  )
}

function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

describe.each(['avro', 'json'] as const)('the generator’s transactions in %s', (format) => {
  test('are assigned once if valid, and dead letters for the reason that the truth says if not; frauds stand out', async () => {
    const cli = commandLine(`input: {format: ${format}}`)
    const truth = cli.file('truth.csv', '')
    const produced = await cli.shoal(['produce', '--count', '20000', '--partitions', '4', '--truth', truth])
    expect(produced.error).toBe('')
    await work(cli)

    const rows = readFileSync(truth, 'utf8').trimEnd().split('\n').slice(1)
    const reasons = rows.flatMap((row) => row.split(',')[4] || [])
    const letters = await readTopic(cli.log, 'shoal.dead-letters')
    const reasonOf = (letter: (typeof letters)[number]) =>
      Buffer.from(letter.headers.find(({ name }) => name === deadLetterHeaders.reason)?.value ?? []).toString()
    expect(tally(letters.map(reasonOf))).toEqual(tally(reasons))

    const evaluated = await cli.shoal(['evaluate', '--truth', truth, '--json'])
    expect(evaluated.error).toBe('')
    const judgement = JSON.parse(evaluated.stdout)
    expect(judgement).toMatchObject({
      matched: rows.length - reasons.length,
      ...{ missing: 0, duplicates: 0, ofInvalid: 0, unknown: 0 },
      events: rows.length - reasons.length - 1_000,
    })
    expect(judgement.assignments.rocAuc).toBeGreaterThan(0.7)
    expect(judgement.baseline.rocAuc).toBeGreaterThan(0.7)
  })
})
