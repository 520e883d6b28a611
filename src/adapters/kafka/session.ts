/** A member's dealings with its group's coordinator (KIP-62, KIP-394, KIP-429, KIP-447). */
import kafkajs from 'kafkajs'
import { isFenced, ShoalError } from '../../runtime/errors.ts'
import { unlessAborted, unlessInterrupted } from '../../runtime/interruption.ts'
import { assignSticky } from '../../runtime/membership/assignment.ts'
import type { Committed, GroupSession, Seat } from '../../runtime/membership/group-session.ts'
import type { Positions } from '../../runtime/ports.ts'
import { type Asking, askCoordinator } from './asking.ts'
import { brokerError, isOutOfDate, refusal } from './broker-errors.ts'
import { decodeClaim, decodeGivingUp, encodeClaim, encodeGivingUp } from './claim.ts'
import type { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import { heartbeat, type JoinAnswer, joinGroup, leaveGroup, syncGroup } from './group-requests.ts'
import { earliest } from './offset-requests.ts'
import { committedNow, offsetsAt } from './offsets.ts'
import type { Settings } from './options.ts'
import { persist } from './persistence.ts'
import { settle, type TransactionalId } from './transactional-id.ts'

const { AssignerProtocol } = kafkajs
const assignor = 'shoal-sticky'
const memberIdRequired = 79
const unknownMember = 25
const leaveMs = 5_000
const againMs = 20
const firstBeatMs = 100
/** Until they come at the usual interval. */
const beatsWhileAgeDoubles = 4

export interface SessionOptions extends Settings {
  /** For positions and transactions. */
  readonly cluster: Cluster
  /** For the seat: a JoinGroup that the coordinator holds back must not stand before a commit, nor a commit before a heartbeat. */
  readonly seats: Cluster
  readonly group: string
  readonly topic: string
  readonly ids: readonly TransactionalId[]
  /** Throws `topics.missing`. */
  readonly ensureTopic: () => Promise<void>
  readonly onOpen: () => Promise<void>
}

export class KafkaSession implements GroupSession {
  readonly #options: SessionOptions
  #memberId = ''
  #generation = -1
  /** Ends when the coordinator has answered whoever asks it for an id. */
  #naming: Promise<unknown> = Promise.resolve()
  /** What the leader shared out; null for the others. */
  #sharedOut: number | null = null

  constructor(options: SessionOptions) {
    this.#options = options
  }

  async open(signal: AbortSignal): Promise<void> {
    const { cluster, seats, topic, ensureTopic, onOpen } = this.#options
    const opening = async (): Promise<void> => {
      await ensureTopic()
      const { deadlineMs } = this.#asking(signal)
      await Promise.all([cluster.connect([topic], deadlineMs), seats.connect([topic], deadlineMs)])
      await onOpen()
    }
    await unlessInterrupted(signal, opening())
  }

  /**
   * Mechanism: ids that are in doubt (both, at the beginning of a life) are initialised, and what the others ended last is
   * ended again. Guarantee: what this worker's former self left open has ended. What another left open ends by its commit
   * or by the transaction timeout.
   */
  async ready(signal: AbortSignal): Promise<void> {
    const { clock, deadlineMs } = this.#asking(signal)
    for (;;) {
      try {
        return await settle(this.#options.ids, deadlineMs)
      } catch (error) {
        if (!isFenced(error) || signal.aborted || clock.now() >= deadlineMs) throw error
        // Who asks for a new epoch is fenced by nobody: the coordinator was not sure yet who the id is.
        await clock.sleep(againMs, signal)
      }
    }
  }

  /** Being late for a generation is the ordinary course of a rebalance: it joins until it is joined. */
  async join(held: readonly number[], signal: AbortSignal): Promise<Seat | null> {
    const { group } = this.#options
    const lookUp = async () => this.#options.seats.forgetCoordinator('group', group)
    const attempt = async () => ({ error: 0, seat: await this.#joinOnce(held, signal) })
    for (;;) {
      const joining = persist(`joining group ${group}`, attempt, { ...this.#asking(signal), lookUp })
      // Nobody waits for others any more once the signal has fired; `leave` ends what the coordinator holds back.
      const joined = await unlessInterrupted(signal, unlessAborted(signal, joining))
      if (joined === null || joined.seat !== null) return joined?.seat ?? null
      await this.#options.clock.sleep(againMs, signal)
    }
  }

  /**
   * Beats, so that neither a slow batch nor a quiet topic is taken for death; the leader also looks for new partitions.
   * What one member gives up the next generation gives to another, and nobody works on it before that one has heard of
   * the generation. So in a young one beats come after a part of its age.
   */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, heartbeatIntervalMs, topicRefreshMs } = this.#options
    const sinceMs = clock.now()
    let refreshMs = sinceMs + topicRefreshMs
    for (;;) {
      const soonMs = Math.max(firstBeatMs, (clock.now() - sinceMs) / beatsWhileAgeDoubles)
      await clock.sleep(Math.min(heartbeatIntervalMs, soonMs), signal)
      if (signal.aborted) return
      // Nobody waits for an answer that is long in coming once the signal has fired.
      if ((await unlessAborted(signal, this.#isOutOfDate())) !== false) return
      if (clock.now() < refreshMs) continue
      refreshMs = clock.now() + topicRefreshMs
      if ((await unlessAborted(signal, this.#hasGrown())) !== false) return
    }
  }

  committed(partitions: readonly number[], signal: AbortSignal): Promise<Committed> {
    const { group, topic } = this.#options
    return committedNow(group, topic, partitions, this.#asking(signal))
  }

  starts(partitions: readonly number[], signal: AbortSignal): Promise<Positions> {
    return offsetsAt(this.#options.topic, partitions, earliest, this.#asking(signal))
  }

  /** Not over the connections of the seats: a JoinGroup may be held back there. */
  async leave(): Promise<void> {
    const { cluster, clock, group, log } = this.#options
    if (this.#memberId === '') await this.#named()
    if (this.#memberId === '') return
    const request = leaveGroup(group, this.#memberId)
    this.#memberId = ''
    const asking = { cluster, clock, deadlineMs: clock.now() + leaveMs }
    try {
      await askCoordinator(`leaving group ${group}`, group, request, asking)
    } catch (error) {
      if (isFenced(error)) return
      log.warn('Leaving the group failed', { group, error: String(error) })
    }
  }

  /** An id that was given holds the others up until it is used, given back, or the session timeout has passed. */
  async #named(): Promise<void> {
    const named = new AbortController()
    void this.#naming.then(() => named.abort())
    await this.#options.clock.sleep(leaveMs, named.signal)
  }

  async close(): Promise<void> {
    await Promise.all([this.#options.cluster.close(), this.#options.seats.close()])
  }

  /** Null when the group has begun another generation meanwhile. */
  async #joinOnce(held: readonly number[], signal: AbortSignal): Promise<Seat | null> {
    const { group, topic, seats, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options
    const userData = encodeClaim(held, this.#generation)
    const metadata = AssignerProtocol.MemberMetadata.encode({ version: 1, topics: [topic], userData })
    const times = { sessionTimeoutMs, rebalanceTimeoutMs }
    const coordinator = await seats.coordinator('group', group)
    if (signal.aborted) throw new ShoalError('log.unavailable', `joining group ${group}: nobody waits for it any more`)
    const join = () => {
      const request = joinGroup({ group, memberId: this.#memberId, ...times, assignor, metadata })
      const answered = seats.send(coordinator, lane.requests, request)
      if (this.#memberId === '') this.#naming = answered.catch(() => undefined)
      return answered
    }
    let answer = await join()
    // Forgotten by the coordinator, it asks for a new id; it gets one, and joins under it.
    for (let turn = 0; turn < 2 && (answer.error === unknownMember || answer.error === memberIdRequired); turn++) {
      this.#memberId = answer.error === memberIdRequired ? answer.memberId : ''
      // Whoever is leaving and was removed must not be a member once more.
      if (signal.aborted) break
      answer = await join()
    }
    if (this.#isLate(answer.error, 'joining')) return null
    const { generation, memberId } = answer
    this.#memberId = memberId
    const assignments = answer.leaderId === memberId ? await this.#shareOut(answer) : new Map<string, Buffer>()
    const sync = syncGroup({ group, generation, memberId, rebalanceTimeoutMs, assignments })
    const { error, assignment } = await seats.send(coordinator, lane.requests, sync)
    if (this.#isLate(error, 'synchronising with')) return null
    this.#generation = generation
    return { generation, memberId, assignment: assignmentOf(assignment, topic) }
  }

  /** What the leader says of every member. */
  async #shareOut({ members }: JoinAnswer): Promise<ReadonlyMap<string, Buffer>> {
    const { topic, seats } = this.#options
    // What is known already will do when no broker tells more now: the others wait for this.
    await seats.refresh().catch(() => undefined)
    const partitions = seats.partitions(topic)
    this.#sharedOut = partitions.length
    const claims = members.map(({ memberId, metadata }) =>
      decodeClaim(memberId, AssignerProtocol.MemberMetadata.decode(metadata)?.userData ?? Buffer.alloc(0)),
    )
    const encoded = [...assignSticky(claims, partitions)].map(([memberId, assignment]) => {
      const userData = encodeGivingUp(assignment)
      const mine = { [topic]: [...assignment.partitions] }
      return [memberId, AssignerProtocol.MemberAssignment.encode({ version: 1, assignment: mine, userData })] as const
    })
    return new Map(encoded)
  }

  /** True for an error that joining again mends; throws any other. */
  #isLate(error: number, doing: string): boolean {
    if (error === 0) return false
    if (error === unknownMember) this.#memberId = ''
    this.#sharedOut = null
    if (brokerError(error).transaction === 'fenced') return true
    throw refusal(error, `${doing} group ${this.#options.group}`)
  }

  /** Whether the coordinator says that a newer generation exists or is being formed. One that is out of reach says nothing. */
  async #isOutOfDate(): Promise<boolean> {
    const { group, seats } = this.#options
    const memberId = this.#memberId
    if (memberId === '') return false
    try {
      const request = heartbeat(group, this.#generation, memberId)
      const { error } = await seats.send(await seats.coordinator('group', group), lane.requests, request)
      if (error === 0) return false
      if (error === unknownMember && this.#memberId === memberId) this.#memberId = ''
      // What is final is for the next join to meet.
      if (isOutOfDate(error) || brokerError(error).again === 'never') return true
    } catch {
      // Looked up again below.
    }
    seats.forgetCoordinator('group', group)
    return false
  }

  async #hasGrown(): Promise<boolean> {
    const { seats, topic } = this.#options
    if (this.#sharedOut === null) return false
    const refreshed = await seats.refresh().then(
      () => true,
      () => false,
    )
    return refreshed && seats.partitions(topic).length > this.#sharedOut
  }

  #asking(signal: AbortSignal): Asking {
    const { cluster, clock, patienceMs } = this.#options
    return { cluster, clock, deadlineMs: clock.now() + patienceMs, signal }
  }
}

function assignmentOf(bytes: Buffer, topic: string): Seat['assignment'] {
  const decoded = AssignerProtocol.MemberAssignment.decode(bytes)
  const partitions = (decoded?.assignment[topic] ?? []).toSorted((a, b) => a - b)
  return { partitions, givingUp: decodeGivingUp(decoded?.userData ?? Buffer.alloc(0)) }
}
