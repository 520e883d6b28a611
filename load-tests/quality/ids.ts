import { fileURLToPath } from 'node:url'
import { type ClusterLife, lifeText } from '../../src/cli/backtest/cluster-lives.ts'
import { type Line, shown, type Verdict } from './line.ts'
import type { PlantedLives } from './planted-lives.ts'
import type { StableIds } from './stable-ids.ts'

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const mostChanged = 0.005
const events = 5_000_000
/** Of a run that was asked to be short. */
const fewerEvents = 500_000

export const ids: Line = {
  number: 5,
  name: 'ids',
  title: 'Ids on a stationary stream, and after planted changes',
  async judge(runner, seeds): Promise<Verdict> {
    const count = runner.isShort ? fewerEvents : events
    const every = count / 5
    const [stable, ...planted] = await Promise.all([
      runner.program<StableIds>(program('stable-ids.ts'), '--events', String(count), '--every', String(every)),
      ...seeds.map((seed) => runner.program<PlantedLives>(program('planted-lives.ts'), '--seed', String(seed))),
    ])
    const worst = Math.max(...stable.changedShares)
    const facts = planted.flatMap((lives, i) => plantedFacts(lives).map((fact) => ({ ...fact, seed: seeds[i] })))
    const wrong = facts.filter(({ isRight }) => !isRight)
    const apart = every.toLocaleString('en-US')
    return {
      passed: worst <= mostChanged && stable.changedIds.length === 0 && wrong.length === 0,
      threshold: `of ${count.toLocaleString('en-US')} events: no id changes, and at most ${mostChanged * 100} % of fixed probes between versions ${apart} events apart; every planted change is told as what it is`,
      head: ['what', 'found', ''],
      rows: [
        ...stable.changedShares.map((share, i) => [
          `probes whose id changed from ${((i + 1) * every).toLocaleString('en-US')} events to ${((i + 2) * every).toLocaleString('en-US')}`,
          `${shown(100 * share)} %`,
          share <= mostChanged ? '' : 'above',
        ]),
        ...facts.map(({ seed, what, told, isRight }) => [`seed ${seed}: ${what}`, told, isRight ? '' : 'wrong']),
      ],
      summary: `at most ${shown(100 * worst)} % of the probes, ${stable.changedIds.length} clusters whose id went elsewhere; ${facts.length - wrong.length} of ${facts.length} planted facts told right`,
    }
  },
}

interface Fact {
  readonly what: string
  readonly told: string
  readonly isRight: boolean
}

function plantedFacts({ phases: [first, second, third], lives }: PlantedLives): Fact[] {
  const told = (...of: readonly number[]) =>
    lives
      .filter(({ cluster, relatives }) => [cluster, ...relatives].some((id) => of.includes(id)))
      .map((life) => `${lifeText(life)} (row ${life.row.toLocaleString('en-US')})`)
      .join('; ') || 'nothing'
  const is = (test: (life: ClusterLife) => boolean) => lives.some(test)
  const lasting = ['d', 'e', 'f', 'g']
  const parts = [third.a1, third.a2]
  return [
    {
      what: `cloud of cluster ${first.a} parts in two`,
      told: told(first.a),
      isRight:
        parts.includes(first.a) &&
        is((of) => of.kind === 'split' && parts.includes(of.cluster) && of.relatives.includes(first.a)),
    },
    {
      what: `clouds of clusters ${first.b} and ${first.c} become one`,
      told: told(first.b, first.c),
      isRight: is(
        ({ kind, cluster, relatives: [into] }) =>
          kind === 'merged' &&
          [first.b, first.c].includes(cluster) &&
          [first.b, first.c].includes(into) &&
          into === third.bc,
      ),
    },
    {
      what: 'a new cloud appears',
      told: told(third.n),
      isRight: is(({ kind, cluster }) => kind === 'born' && cluster === third.n),
    },
    {
      what: `the cloud of cluster ${first.h} is gone`,
      told: told(first.h),
      isRight: is(({ kind, cluster }) => (kind === 'dropped' || kind === 'merged') && cluster === first.h),
    },
    {
      what: 'all other clouds keep their clusters',
      told: lasting.map((name) => [first, second, third].map((phase) => phase[name]).join(' ')).join(', '),
      isRight: lasting.every((name) => first[name] === second[name] && second[name] === third[name]),
    },
  ]
}
