/** What one core calculates, without a server. */
import type { KernelFigures } from '../kernel.ts'
import type { LearningFigures } from '../kernel-peers.ts'
import type { EntityFigures } from '../profiles.ts'
import type { CodecFigures } from '../record-codec.ts'
import type { Sized } from '../sizing/one-size.ts'
import { type Spread, spreadOf } from '../spread.ts'
import type { StepFigures } from '../stages.ts'
import { type Line, type Part, printedBy } from './part.ts'

export const stages: Part = {
  name: 'stages',
  title: 'steps of the score stage',
  takes: 'half a minute',
  async measure({ isQuick }) {
    const args = isQuick ? ['--rounds', '5', '--events', '2000'] : []
    const steps = await printedBy<readonly StepFigures[]>('stages.ts', ...args)
    return steps.map(({ name, median, least, most }) => ({
      what: name,
      figure: rounded({ median, least, most }, 1),
      unit: 'ns an event',
    }))
  },
}

export const kernel: Part = {
  name: 'kernel',
  title: 'kernel',
  takes: '2 minutes, 4 with the others',
  async measure({ isQuick, peers }) {
    const { found } = await printedBy<{ readonly found: readonly KernelFigures[] }>(
      'kernel.ts',
      ...(isQuick ? ['--rounds', '3', '--ms', '20'] : ['--rounds', '7']),
    )
    const own = found.flatMap(({ d, k, batch, eventsPerSecond, ratios }): readonly Line[] => {
      const size = `d × k = ${d} × ${k}, ${batch === 1 ? 'one by one' : `batches of ${shown(batch)}`}`
      const line = (name: string, slower: string, what: string, timesAsFast: Spread) => ({
        what: `${name}, ${size}`,
        figure: eventsPerSecond[name],
        unit: 'rows a second',
        beside: { what, figure: eventsPerSecond[slower], timesAsFast },
      })
      return [
        line('nearest', 'nearest, plain', 'the plain loop', ratios['nearest to plain']),
        line('mixture', 'mixture, blocked', 'without vectors', ratios['mixture to blocked']),
      ]
    })
    return peers === null ? own : [...own, ...(await besideOthers(peers, isQuick))]
  },
}

async function besideOthers(peers: string, isQuick: boolean): Promise<readonly Line[]> {
  const args = isQuick ? ['--rounds', '1', '--seconds', '0.3'] : []
  const { found } = await printedBy<{ readonly found: readonly LearningFigures[] }>('kernel-peers.ts', peers, ...args)
  return found.flatMap(({ d, k, rowsPerSecond, ratios }) =>
    ratios.map(({ ours, theirs, ratio }) => ({
      what: `${ours}, d × k = ${d} × ${k}`,
      figure: rowsPerSecond[ours],
      unit: 'rows a second',
      beside: { what: theirs, figure: rowsPerSecond[theirs], timesAsFast: ratio },
    })),
  )
}

export const codec: Part = {
  name: 'codec',
  title: "Kafka's record batches",
  takes: 'half a minute',
  async measure({ isQuick }) {
    const lines: Line[] = []
    for (const bytes of [150, 1000, 5000]) {
      const args = ['--bytes', String(bytes), '--rounds', isQuick ? '5' : '30']
      const { nsOfRecord, ratios } = await printedBy<CodecFigures>('record-codec.ts', ...args)
      for (const task of ['write', 'read'] as const)
        lines.push({
          what: `${task}, ${shown(bytes)} bytes${task === 'read' ? ', sum checked' : ''}`,
          figure: nsOfRecord[task === 'write' ? 'write, Shoal' : 'read, Shoal, sum checked'],
          unit: 'ns a record',
          beside: {
            what: task === 'read' ? 'kafkajs, unchecked' : 'kafkajs',
            figure: nsOfRecord[`${task}, kafkajs`],
            timesAsFast: ratios[task],
          },
        })
    }
    return lines
  },
}

/** Each differs from the first in one. */
const sizes: readonly (readonly [size: string, grown: string])[] = [
  ['8:16:4', 'd 8, k 16, 4 partitions'],
  ['32:16:4', 'd 32'],
  ['8:256:4', 'k 256'],
  ['8:16:1000', '1,000 partitions'],
]

export const growth: Part = {
  name: 'growth',
  title: 'cost as columns (d), clusters (k), partitions and entities grow',
  takes: '3 minutes',
  async measure({ isQuick }) {
    const rounds = isQuick ? 1 : 5
    const found: Sized[][] = sizes.map(() => [])
    for (let round = 0; round < rounds; round++) {
      const list = sizes.map(([size]) => size).join(',')
      const args = ['--sizes', list, '--seconds', isQuick ? '0.1' : '2']
      const sized = await printedBy<{ readonly found: readonly Sized[] }>('sizing.ts', ...args)
      for (const [i, each] of sized.found.entries()) found[i].push(each)
    }
    const cost = (what: string, unit: string, of: (sized: Sized) => number): readonly Line[] =>
      sizes.map(([, grown], i) => {
        const line = { what: `${what}, ${grown}`, figure: spreadOf(found[i].map(of), 2), unit }
        if (i === 0) return line
        const ratios = found[i].map((sized, round) => of(found[0][round]) / of(sized))
        const figure = spreadOf(found[0].map(of), 2)
        return { ...line, beside: { what: sizes[0][1], figure, timesAsFast: spreadOf(ratios, 2) } }
      })
    return [
      ...cost('score', 'ns an event', ({ scoreUs }) => 1000 * scoreUs),
      ...cost('fold 10,000 events', 'ms', ({ foldMs }) => foldMs),
      ...(await ofEntities(isQuick)),
    ]
  },
}

/** What profiles of an entity add to an event. */
async function ofEntities(isQuick: boolean): Promise<readonly Line[]> {
  const args = ['--profiles', '0', '--rounds', isQuick ? '20' : '200']
  const { entities } = await printedBy<{ readonly entities: readonly EntityFigures[] }>('profiles.ts', ...args)
  const [few] = entities
  return entities.map(({ entities: count, nsOfEvent, timesAsFast }, i) => {
    const line = { what: `profile of one of ${shown(count)} entities`, figure: nsOfEvent, unit: 'ns an event' }
    const beside = { what: `of ${shown(few.entities)}`, figure: few.nsOfEvent, timesAsFast }
    return i === 0 ? line : { ...line, beside }
  })
}

function rounded({ median, least, most }: Spread, digits: number): Spread {
  const of = (value: number) => Number(value.toFixed(digits))
  return { median: of(median), least: of(least), most: of(most) }
}

function shown(count: number): string {
  return count.toLocaleString('en-US')
}
