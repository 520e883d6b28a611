/** Requests of the classic group protocol: join, sync, heartbeat, leave. */
import type { Exchange } from './api.ts'
import type { ErrorAnswer } from './transaction-requests.ts'

/** The type under which tools decode what members say. */
const protocolType = 'consumer'

export interface JoinRequest {
  readonly group: string
  /** Empty before the coordinator has given one. */
  readonly memberId: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly assignor: string
  readonly metadata: Buffer
}

export interface JoinAnswer extends ErrorAnswer {
  readonly generation: number
  readonly leaderId: string
  readonly memberId: string
  /** For the leader only. */
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[]
}

/** The coordinator holds the answer back until all members have joined. */
export function joinGroup(request: JoinRequest): Exchange<JoinAnswer> {
  return {
    api: 'JoinGroup',
    heldMs: request.rebalanceTimeoutMs,
    write: (body) => {
      body.string(request.group).int32(request.sessionTimeoutMs).int32(request.rebalanceTimeoutMs)
      // No instance id: a member that restarts is another one.
      body.string(request.memberId).string(null).string(protocolType)
      body.array(1).string(request.assignor).bytes(request.metadata)
      return undefined
    },
    read: (answer) => {
      const throttleMs = answer.int32()
      const error = answer.int16()
      const generation = answer.int32()
      answer.string()
      const leaderId = answer.string() ?? ''
      const memberId = answer.string() ?? ''
      const members = answer.array((r) => {
        const id = r.string() ?? ''
        r.string()
        return { memberId: id, metadata: r.bytesValue() }
      })
      return { throttleMs, error, generation, leaderId, memberId, members }
    },
  }
}

export interface SyncRequest {
  readonly group: string
  readonly generation: number
  readonly memberId: string
  readonly rebalanceTimeoutMs: number
  /** Of the leader: what each member gets. */
  readonly assignments: ReadonlyMap<string, Buffer>
}

/** The coordinator holds the answer back until the leader has sent the assignments. */
export function syncGroup(request: SyncRequest): Exchange<ErrorAnswer & { readonly assignment: Buffer }> {
  return {
    api: 'SyncGroup',
    heldMs: request.rebalanceTimeoutMs,
    write: (body) => {
      body.string(request.group).int32(request.generation).string(request.memberId).string(null)
      body.array(request.assignments.size)
      for (const [memberId, assignment] of request.assignments) body.string(memberId).bytes(assignment)
      return undefined
    },
    read: (answer) => ({ throttleMs: answer.int32(), error: answer.int16(), assignment: answer.bytesValue() }),
  }
}

export function heartbeat(group: string, generation: number, memberId: string): Exchange<ErrorAnswer> {
  return {
    api: 'Heartbeat',
    write: (body) => {
      body.string(group).int32(generation).string(memberId).string(null)
      return undefined
    },
    read: (answer) => ({ throttleMs: answer.int32(), error: answer.int16() }),
  }
}

export function leaveGroup(group: string, memberId: string): Exchange<ErrorAnswer> {
  return {
    api: 'LeaveGroup',
    write: (body) => {
      body.string(group).string(memberId)
      return undefined
    },
    read: (answer) => ({ throttleMs: answer.int32(), error: answer.int16() }),
  }
}

/** DescribeGroups 3: how many members the group has; none also when there is no such group. */
export function describeGroup(group: string): Exchange<ErrorAnswer & { readonly members: number }> {
  return {
    api: 'DescribeGroups',
    write: (body) => {
      body.array(1).string(group).int8(0)
      return undefined
    },
    read: (answer) => {
      const throttleMs = answer.int32()
      const [found] = answer.array((r) => {
        const error = r.int16()
        for (let text = 0; text < 4; text++) r.string()
        const members = r.array((m) => {
          for (let text = 0; text < 3; text++) m.string()
          m.bytesValue()
          m.bytesValue()
        })
        r.int32()
        return { error, members: members.length }
      })
      return { throttleMs, error: found?.error ?? 0, members: found?.members ?? 0 }
    },
  }
}
