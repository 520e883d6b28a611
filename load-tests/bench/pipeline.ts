/** What the whole pipeline does on a Kafka that is started for it. */
import type { BacklogFigures } from '../backlog.ts'
import type { ColdStart } from '../cold-start.ts'
import type { LatencyFigures } from '../latency.ts'
import type { Overload } from '../overload.ts'
import { type Spread, spreadOf } from '../spread.ts'
import { type Line, type Part, printedBy } from './part.ts'

/** Each dimension by itself: processes, partitions, bytes of an event. */
const shapes = ['4:1', '4:2', '1:1', '2:1', '4:1:1000', '4:1:5000', '4:2:5000']

export const backlog: Part = {
  name: 'backlog',
  title: 'from topic to topic, exactly once',
  takes: '5 minutes',
  async measure({ isQuick }) {
    const args = ['--job', 'groups', '--shapes', shapes.join(',')]
    const short = isQuick ? ['--rounds', '1', '--events', '100000'] : ['--rounds', '5']
    const { found } = await printedBy<{ readonly found: readonly BacklogFigures[] }>('backlog.ts', ...args, ...short)
    return found.map((figures) => {
      const line = { what: shapeText(figures), figure: figures.eventsPerSecond, unit: 'events a second' }
      const { beside } = figures
      if (beside === null) return line
      const { shape, eventsPerSecond, ratio } = beside
      return { ...line, beside: { what: shapeText(shape), figure: eventsPerSecond, timesAsFast: ratio } }
    })
  },
}

function shapeText({
  partitions,
  processes,
  bytes,
}: Pick<BacklogFigures, 'partitions' | 'processes' | 'bytes'>): string {
  const size = bytes === null ? '.1' : String(bytes / 1000)
  const plural = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`
  return `${plural(partitions, 'partition', 'partitions')}, ${plural(processes, 'process', 'processes')}, ${size} KB`
}

const percentiles = { p50: 'p50', p99: 'p99', p999: 'p99.9' } as const

export const latency: Part = {
  name: 'latency',
  title: 'from due to assigned, in an open loop',
  takes: '3 minutes, 8 with the others',
  async measure({ isQuick, peers }) {
    const short = isQuick ? ['--rounds', '1', '--seconds', '2'] : ['--rounds', '5', '--seconds', '8']
    const beside = peers === null ? [] : ['--peers', peers]
    const { measured } = await printedBy<{ readonly measured: readonly LatencyFigures[] }>(
      'latency.ts',
      ...['--rates', '1000,100000'],
      ...short,
      ...beside,
    )
    const own = measured.filter(({ shoalTimesAsFast }) => shoalTimesAsFast === null)
    return own.flatMap(({ eventsPerSecond, ms }) =>
      (Object.keys(percentiles) as (keyof typeof percentiles)[]).flatMap((percentile): readonly Line[] => {
        const what = `${percentiles[percentile]} at ${eventsPerSecond.toLocaleString('en-US')} events a second`
        const line = { what, figure: ms[percentile], unit: 'ms' }
        const others = measured.flatMap(({ name, eventsPerSecond: rate, ms, shoalTimesAsFast }) =>
          rate !== eventsPerSecond || shoalTimesAsFast === null
            ? []
            : [{ what: name, figure: ms[percentile], timesAsFast: shoalTimesAsFast[percentile] }],
        )
        return others.length === 0 ? [line] : others.map((other) => ({ ...line, beside: other }))
      }),
    )
  },
}

export const overload: Part = {
  name: 'overload',
  title: 'twice of what it takes, and catching up',
  takes: '4 minutes',
  async measure({ isQuick }) {
    const short = isQuick ? ['--for', '3s', '--capacity', '5000'] : ['--for', '30s', '--probe', '5']
    const { capacity, catchUpSeconds, usual, accounts, samples } = await printedBy<Overload>('overload.ts', ...short)
    const one = (value: number) => spreadOf([value], 1)
    const over = (phase: string, of: (sample: Overload['samples'][number]) => number) =>
      spreadOf(
        samples
          .filter((sample) => sample.phase === phase)
          .map(of)
          .filter(Number.isFinite),
        1,
      )
    return [
      { what: 'the most that one process takes, d 32, k 256', figure: one(capacity), unit: 'events a second' },
      { what: 'p99 at half of it', figure: over('usual, before', ({ p99Ms }) => p99Ms), unit: 'ms' },
      { what: 'memory at half of it', figure: over('usual, before', ({ residentMb }) => residentMb), unit: 'MB' },
      { what: 'memory at twice of it', figure: over('overload', ({ residentMb }) => residentMb), unit: 'MB' },
      { what: 'done of it', figure: over('overload', ({ doneRate }) => doneRate), unit: 'events a second' },
      { what: `catching up beside ${usual} of it`, figure: one(catchUpSeconds), unit: 's' },
      { what: 'lost or twice', figure: one(accounts.passedOver + accounts.repeated), unit: 'events' },
    ]
  },
}

export const start: Part = {
  name: 'start',
  title: 'a start beside a running broker',
  takes: '2 minutes',
  async measure({ isQuick }) {
    const numbers = isQuick ? ['1', '50', '5000'] : ['5', '1000', '100000']
    const found = await printedBy<ColdStart>('cold-start.ts', ...numbers)
    const { withSnapshot, withoutRedis, timesAsFast, modelsRecords, changelog } = found
    const line = (what: string, figure: Spread, unit: string): Line => ({ what, figure, unit })
    const many = `${modelsRecords.toLocaleString('en-US')} versions`
    return [
      {
        ...line(`first assignment, from a snapshot, ${many}`, withSnapshot.assignmentSeconds, 's'),
        beside: { what: 'without Redis', figure: withoutRedis.assignmentSeconds, timesAsFast },
      },
      line(`first assignment, without Redis, ${many}`, withoutRedis.assignmentSeconds, 's'),
      line('first version, from a snapshot', withSnapshot.versionSeconds, 's'),
      line(
        `state of ${changelog.records.toLocaleString('en-US')} keys read back`,
        changelog.recordsPerSecond,
        'records a second',
      ),
    ]
  },
}
