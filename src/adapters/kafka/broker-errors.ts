/**
 * The one table of what brokers answer to requests of ours, every error that Kafka 2.5 to 4.4 has. `again` says how the same request may succeed: after a pause, after the
 * coordinator or the leader has been looked up again, or never. `transaction` says what is left of the open
 * transaction: kept, lost (abort and go back to the committed positions), or owned by someone else.
 */
import { type ErrorCode, ShoalError } from '../../runtime/errors.ts'
import { foreignErrors } from './foreign-errors.ts'

type Again = 'pause' | 'coordinator' | 'leader' | 'never'
type Effect = 'kept' | 'lost' | 'fenced'

export interface BrokerError {
  readonly name: string
  readonly again: Again
  readonly transaction: Effect
  readonly code: ErrorCode
}

const transient = (name: string, again: Again, code: ErrorCode = 'log.unavailable'): BrokerError => ({
  name,
  again,
  transaction: 'kept',
  code,
})
const lost = (name: string): BrokerError => ({ name, again: 'never', transaction: 'lost', code: 'log.unavailable' })
const fenced = (name: string): BrokerError => ({ name, again: 'never', transaction: 'fenced', code: 'log.fenced' })
const refused = (name: string, code: ErrorCode = 'log.refused'): BrokerError => ({
  name,
  again: 'never',
  transaction: 'lost',
  code,
})

const table: Readonly<Record<number, BrokerError>> = {
  [-1]: lost('UNKNOWN_SERVER_ERROR'),
  1: refused('OFFSET_OUT_OF_RANGE', 'log.out_of_range'),
  // Damaged under way: the same bytes again. Found in a log, by a fetch, it is there to stay, hence the code.
  2: transient('CORRUPT_MESSAGE', 'pause', 'log.corrupt'),
  3: transient('UNKNOWN_TOPIC_OR_PARTITION', 'leader'),
  4: refused('INVALID_FETCH_SIZE'),
  5: transient('LEADER_NOT_AVAILABLE', 'leader'),
  6: transient('NOT_LEADER_OR_FOLLOWER', 'leader'),
  7: transient('REQUEST_TIMED_OUT', 'pause'),
  8: transient('BROKER_NOT_AVAILABLE', 'leader'),
  9: transient('REPLICA_NOT_AVAILABLE', 'leader'),
  10: refused('MESSAGE_TOO_LARGE', 'log.record_too_large'),
  12: refused('OFFSET_METADATA_TOO_LARGE'),
  13: transient('NETWORK_EXCEPTION', 'leader'),
  14: transient('COORDINATOR_LOAD_IN_PROGRESS', 'pause'),
  15: transient('COORDINATOR_NOT_AVAILABLE', 'coordinator'),
  16: transient('NOT_COORDINATOR', 'coordinator'),
  17: refused('INVALID_TOPIC_EXCEPTION'),
  18: refused('RECORD_LIST_TOO_LARGE', 'log.record_too_large'),
  19: transient('NOT_ENOUGH_REPLICAS', 'pause'),
  20: transient('NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'pause'),
  21: refused('INVALID_REQUIRED_ACKS'),
  22: fenced('ILLEGAL_GENERATION'),
  23: refused('INCONSISTENT_GROUP_PROTOCOL'),
  24: refused('INVALID_GROUP_ID'),
  25: fenced('UNKNOWN_MEMBER_ID'),
  26: refused('INVALID_SESSION_TIMEOUT'),
  27: fenced('REBALANCE_IN_PROGRESS'),
  28: refused('INVALID_COMMIT_OFFSET_SIZE'),
  29: refused('TOPIC_AUTHORIZATION_FAILED'),
  30: refused('GROUP_AUTHORIZATION_FAILED'),
  31: refused('CLUSTER_AUTHORIZATION_FAILED'),
  32: refused('INVALID_TIMESTAMP'),
  33: refused('UNSUPPORTED_SASL_MECHANISM'),
  34: refused('ILLEGAL_SASL_STATE'),
  35: refused('UNSUPPORTED_VERSION'),
  36: refused('TOPIC_ALREADY_EXISTS'),
  37: refused('INVALID_PARTITIONS'),
  38: refused('INVALID_REPLICATION_FACTOR'),
  39: refused('INVALID_REPLICA_ASSIGNMENT'),
  40: refused('INVALID_CONFIG'),
  41: transient('NOT_CONTROLLER', 'leader'),
  42: refused('INVALID_REQUEST'),
  43: refused('UNSUPPORTED_FOR_MESSAGE_FORMAT'),
  44: refused('POLICY_VIOLATION'),
  45: lost('OUT_OF_ORDER_SEQUENCE_NUMBER'),
  // Sequence numbers have gone beyond this batch, so it is in the log: the producer takes it as success.
  46: { name: 'DUPLICATE_SEQUENCE_NUMBER', again: 'never', transaction: 'kept', code: 'log.unavailable' },
  // From Produce: the id has another epoch by now. Ids are nobody else's, so a new epoch mends it.
  47: fenced('INVALID_PRODUCER_EPOCH'),
  48: lost('INVALID_TXN_STATE'),
  // The coordinator has forgotten an id that was idle for long (transactional.id.expiration.ms): a new epoch mends it.
  49: fenced('INVALID_PRODUCER_ID_MAPPING'),
  50: refused('INVALID_TRANSACTION_TIMEOUT'),
  // The coordinator is still writing the markers of the transaction before.
  51: transient('CONCURRENT_TRANSACTIONS', 'pause'),
  52: fenced('TRANSACTION_COORDINATOR_FENCED'),
  53: refused('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'),
  // Partitions beside one that was refused: its error decides.
  55: lost('OPERATION_NOT_ATTEMPTED'),
  56: transient('KAFKA_STORAGE_ERROR', 'leader'),
  58: refused('SASL_AUTHENTICATION_FAILED', 'log.denied'),
  // The leader has deleted all that the producer wrote there, and with it what it knew of it.
  59: lost('UNKNOWN_PRODUCER_ID'),
  69: refused('GROUP_ID_NOT_FOUND'),
  70: transient('FETCH_SESSION_ID_NOT_FOUND', 'pause'),
  71: transient('INVALID_FETCH_SESSION_EPOCH', 'pause'),
  72: transient('LISTENER_NOT_FOUND', 'leader'),
  74: transient('FENCED_LEADER_EPOCH', 'leader'),
  75: transient('UNKNOWN_LEADER_EPOCH', 'leader'),
  76: refused('UNSUPPORTED_COMPRESSION_TYPE'),
  77: transient('STALE_BROKER_EPOCH', 'leader'),
  78: transient('OFFSET_NOT_AVAILABLE', 'pause'),
  // Comes with the id to join again under.
  79: transient('MEMBER_ID_REQUIRED', 'pause'),
  80: transient('PREFERRED_LEADER_NOT_AVAILABLE', 'leader'),
  81: refused('GROUP_MAX_SIZE_REACHED'),
  82: fenced('FENCED_INSTANCE_ID'),
  87: refused('INVALID_RECORD'),
  // A transaction on the position is pending.
  88: transient('UNSTABLE_OFFSET_COMMIT', 'pause'),
  89: transient('THROTTLING_QUOTA_EXCEEDED', 'pause'),
  90: fenced('PRODUCER_FENCED'),
  100: transient('UNKNOWN_TOPIC_ID', 'leader'),
  103: transient('INCONSISTENT_TOPIC_ID', 'leader'),
  106: transient('FETCH_SESSION_TOPIC_ID_ERROR', 'pause'),
  109: transient('OFFSET_MOVED_TO_TIERED_STORAGE', 'leader'),
  // Members of KIP-848 groups, by epoch instead of generation.
  110: fenced('FENCED_MEMBER_EPOCH'),
  111: transient('UNRELEASED_INSTANCE_ID', 'pause'),
  112: refused('UNSUPPORTED_ASSIGNOR'),
  113: fenced('STALE_MEMBER_EPOCH'),
  // KIP-890: this transaction cannot be committed, the next one can.
  120: lost('TRANSACTION_ABORTABLE'),
  128: refused('INVALID_REGULAR_EXPRESSION'),
  129: transient('REBOOTSTRAP_REQUIRED', 'leader'),
}

/**
 * What nobody could answer to us, or what this release does not know, is an error of the broker's: nothing is assumed
 * about it but that it failed.
 */
export function brokerError(code: number): BrokerError {
  return table[code] ?? lost(foreignErrors[code] ?? `ERROR_${code}`)
}

/** The coordinator has, or is forming, a newer generation than the seat that asked, or knows the member no more. */
export function isOutOfDate(code: number): boolean {
  return outOfDate.has(code)
}

const outOfDate: ReadonlySet<number> = new Set([22, 25, 27])

/** The error that ends an attempt: nobody can be asked about these partitions now. */
export function leaderless(topic: string, partitions: readonly number[]): ShoalError {
  return new ShoalError('log.unavailable', `partitions ${partitions.join(', ')} of ${topic} have no leader`)
}

/** The error that ends an attempt: `what` is what was asked, and of whom. */
export function refusal(code: number, what: string, detail?: string | null): ShoalError {
  const { name, code: ours } = brokerError(code)
  if (name.endsWith('AUTHORIZATION_FAILED')) {
    const todo = 'give its user the right, as deploy/kafka/acls.sh has it'
    return new ShoalError(ours, `${what}: not allowed (${name}): ${todo}`)
  }
  return new ShoalError(ours, `${what}: the broker answers ${name} (${code})${detail ? `, ${detail}` : ''}`)
}
