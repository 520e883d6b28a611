/** Errors that a broker could give to a worker's requests, in both forms; and what each must come to. */
import { brokerError } from '../../src/adapters/kafka/broker-errors.ts'
import type { Random } from '../../src/core/kmeans/random.ts'
import { errorCatalogue } from '../../src/runtime/errors.ts'
import type { Lie } from './faulty-wire.ts'
import { plausible, type RequestName } from './plausible-errors.ts'

/** One lie, told once. */
export interface Case extends Lie {
  readonly request: RequestName
  /** It is told to the nth of these requests from now on. */
  readonly nth: number
}

/** How often a member that begins asks at least; the other requests are made again and again. */
const askedInBeginning: Readonly<Partial<Record<RequestName, number>>> = {
  Metadata: 2,
  ListOffsets: 1,
  OffsetFetch: 1,
  FindCoordinator: 3,
  JoinGroup: 2,
  SyncGroup: 1,
  InitProducerId: 2,
}

/** Asked only by a member that begins. */
export const isOfBeginning = (request: RequestName): boolean => askedInBeginning[request] !== undefined

/** The broker says that it has a batch already: it would not if it had not. */
const duplicateSequence = 46
const outOfRange = 1

/** Every plausible error of these requests in both forms, in an order of the seed's choice. */
export function shuffledCases(requests: readonly RequestName[], random: Random): readonly Case[] {
  const cases = requests.flatMap((request) =>
    plausible[request].errors.flatMap((error: number) =>
      [true, false]
        .filter((isDone) => isDone || error !== duplicateSequence)
        .map((isDone): Case => {
          // That all but the first went well can be said only where it is true.
          const where = isDone && random.uniform() < 0.5 ? 'first' : 'all'
          return { request, error, isDone, where, nth: 1 + random.below(askedInBeginning[request] ?? 3) }
        }),
    ),
  )
  return cases
    .map((one) => ({ one, rank: random.uniform() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one)
}

export const titleOf = ({ request, error, isDone }: Case): string =>
  `${request} ${brokerError(error).name}, ${isDone ? 'done' : 'not done'}`

/** Requests whose errors are thrown as ours, and asked again for as long as the catalogue calls them retriable. */
const judgedByCode: readonly RequestName[] = ['Fetch', 'FindCoordinator', 'JoinGroup', 'SyncGroup', 'Metadata']

/** What may end the membership by this lie; null stands for nothing. */
export function possibleEndings({ request, error }: Case): readonly (string | null)[] {
  const { again, transaction, code } = brokerError(error)
  // The group goes on without this beat; or another generation begins.
  if (request === 'Heartbeat') return [null]
  // The range that the log then names has the position in it.
  if (request === 'Fetch' && error === outOfRange) return [null]
  // Where a log begins is asked for until it is known: partitions whose position is known do not wait for it.
  if (request === 'ListOffsets') return [errorCatalogue[code].retriable ? null : code]
  if (judgedByCode.includes(request)) {
    if (errorCatalogue[code].retriable && request !== 'Metadata') return [null]
    // kafkajs asks for these too, by its own lights.
    if (request === 'FindCoordinator') return [null, code]
    if (request === 'Metadata') return [null, code, 'topics.missing']
    return [code]
  }
  return [again !== 'never' || transaction !== 'lost' ? null : code]
}
