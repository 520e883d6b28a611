/** The one catalogue of errors. docs/errors.md is kept equal to it by a test. */

interface ErrorEntry {
  /** Whether the same attempt may succeed later without anybody's doing. */
  readonly retriable: boolean
  readonly meaning: string
  readonly remedy: string
}

export const errorCatalogue = {
  'config.invalid': {
    retriable: false,
    meaning: 'The configuration breaks a rule; the message names the key, the rule and the value.',
    remedy: 'Correct the key. `shoal config check` explains what a file means.',
  },
  'config.unreadable': {
    retriable: false,
    meaning: 'A file that the configuration names, or the configuration itself, cannot be read or is not YAML.',
    remedy: 'Check the path and the permissions.',
  },
  'log.unavailable': {
    retriable: true,
    meaning: 'Kafka cannot be reached, or answers that it cannot serve now.',
    remedy: 'Shoal waits and tries again. Check the brokers when it lasts.',
  },
  'log.refused': {
    retriable: false,
    meaning:
      'Kafka refuses for a reason that time does not mend: authentication, authorization, an unsupported version.',
    remedy: 'The message carries what the broker said: mend credentials, ACLs or the version.',
  },
  'log.fenced': {
    retriable: true,
    meaning:
      'A newer generation or producer owns what this worker was working on; nothing it had not committed is kept.',
    remedy: 'None: the worker joins again. Many in a row mean that processing takes longer than the session timeout.',
  },
  'log.corrupt': {
    retriable: false,
    meaning: 'Bytes of the log fail their checksum or cannot be a record batch.',
    remedy: 'Check the disk of the broker that the message names.',
  },
  'log.out_of_range': {
    retriable: false,
    meaning: 'The committed position is no longer in the log: retention overtook it.',
    remedy:
      'Events were lost before Shoal read them. Reset the group to an offset that exists, and lengthen retention.',
  },
  'log.record_too_large': {
    retriable: false,
    meaning: 'A record is larger than the topic takes.',
    remedy: 'Raise max.message.bytes of the topic that the message names.',
  },
  'topics.missing': {
    retriable: false,
    meaning: 'A topic that Shoal needs does not exist and it may not create it.',
    remedy: 'Create it as the message says, or set topics.create to true. The input topic is always yours to create.',
  },
  'topics.unfit': {
    retriable: false,
    meaning: 'A topic exists with the wrong number of partitions, policy or size limit.',
    remedy: 'Change the topic as the message says.',
  },
  'registry.unavailable': {
    retriable: true,
    meaning: 'The schema registry cannot be reached or fails.',
    remedy: 'Shoal waits and tries again; partitions whose schema is not yet known wait with it.',
  },
  'registry.refused': {
    retriable: false,
    meaning: 'The schema registry refuses: credentials, or an incompatible schema.',
    remedy: 'Mend the credentials, or use a new `name` for the new schema.',
  },
  'snapshots.unavailable': {
    retriable: true,
    meaning: 'The snapshot store cannot be reached. Nothing is lost: the log is the truth.',
    remedy: 'None needed for correctness. Starts are slower until it is back.',
  },
  'snapshot.damaged': {
    retriable: false,
    meaning: 'A snapshot fails its checksum or is cut short. It is ignored and the log is used.',
    remedy: 'None: the next version replaces it. Find out who wrote it.',
  },
  'snapshot.newer_format': {
    retriable: false,
    meaning: 'A snapshot or model was written by a newer release, in a format that this one cannot read.',
    remedy: 'Finish the upgrade, or roll the newer release back on all processes.',
  },
  'snapshot.foreign': {
    retriable: false,
    meaning: 'A snapshot or model belongs to another feature configuration or another life of the log.',
    remedy:
      'A snapshot is ignored and the log is used. A model in the log: use a new `name` for the new configuration.',
  },
  'update.damaged': {
    retriable: false,
    meaning: 'A model-updates record cannot be read. Nothing but Shoal may write to that topic.',
    remedy: 'Find out who wrote it; the trainer stops rather than learn from it.',
  },
  'usage.invalid': {
    retriable: false,
    meaning: 'The command line breaks a rule; the message names the option, the rule and the value.',
    remedy: 'Correct it. `--help` shows examples.',
  },
  'file.unreadable': {
    retriable: false,
    meaning: 'A file that the command line names cannot be read or written.',
    remedy: 'Check the path and the permissions.',
  },
  'file.malformed': {
    retriable: false,
    meaning: 'A file that the command line names is not what it must be; the message names the line.',
    remedy: 'Correct the file at that line.',
  },
  'stopped.interrupted': {
    retriable: false,
    meaning: 'A command was interrupted before it was done.',
    remedy: 'None: what had been acknowledged stays.',
  },
  'record.unreadable': {
    retriable: false,
    meaning: "A record of a topic of Shoal, read by one of its commands, is not of that topic's schema.",
    remedy: 'Find out who wrote it, or read the topic with the release that did.',
  },
  'stopped.deadline': {
    retriable: false,
    meaning: 'Shutdown did not finish within its deadline; what was not committed is read again by the next owner.',
    remedy: 'Raise worker.shutdownMs when it happens often.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCatalogue

/** Every error of ours: a code from the catalogue, and a message that states the rule and the offending value. */
export class ShoalError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ShoalError'
    this.code = code
  }

  get retriable(): boolean {
    return errorCatalogue[this.code].retriable
  }
}

/** The code of an error, for a log line or a metric; what is not ours is `unexpected`. */
export function codeOf(error: unknown): ErrorCode | 'unexpected' {
  return error instanceof ShoalError ? error.code : 'unexpected'
}
