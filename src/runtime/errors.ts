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
    remedy:
      'A process waits and tries again; a command has given up. Check kafka.brokers, and the brokers when it lasts.',
  },
  'log.refused': {
    retriable: false,
    meaning: 'Kafka refuses for a reason that time does not mend: a right that is missing, an unsupported version.',
    remedy: 'The message carries what the broker said: give the right, or mend the version. Shoal goes on trying.',
  },
  'log.denied': {
    retriable: false,
    meaning:
      'A connection to Kafka does not come about: a certificate of one side, or the name, password or token, is not taken.',
    remedy:
      'The message says which broker, why and which key: mend the file, which is read at every attempt. Shoal goes on trying. See docs/security.md.',
  },
  'log.fenced': {
    retriable: true,
    meaning:
      'A newer generation or producer owns what this worker was working on; nothing it had not committed is kept.',
    remedy: 'None: the worker joins again. Many in a row mean that processing takes longer than the session timeout.',
  },
  'log.corrupt': {
    retriable: false,
    meaning:
      'Bytes of the log fail their checksum or cannot be a record batch. Nothing is passed over: a replica may be whole.',
    remedy:
      'Have another replica lead the partition that the message names, and check the disk of its broker. Where no replica is whole, stop Shoal, set its group past the batch (kafka-consumer-groups --reset-offsets) and count the events of the batch as lost.',
  },
  'log.out_of_range': {
    retriable: false,
    meaning:
      'A position is not in the log. Retention overtook it, where input.onExpiredEvents is stop; or it lies beyond the end, because the topic was made anew or has lost its end.',
    remedy:
      'The message names partition, position and what there is. Stop Shoal, set its group to an offset that exists (kafka-consumer-groups --reset-offsets), and lengthen retention.',
  },
  'log.record_too_large': {
    retriable: false,
    meaning: 'A record is larger than the topic takes.',
    remedy: 'Raise max.message.bytes of the topic that the message names.',
  },
  'topics.missing': {
    retriable: false,
    meaning: 'A topic that Shoal needs does not exist and it may not create it.',
    remedy:
      'The input topic is yours to create. The first shoal run creates those that Shoal writes, unless topics.create is false: then they are yours, too. Check kafka.brokers and name if there was one.',
  },
  'topics.unfit': {
    retriable: false,
    meaning: 'A topic exists with the wrong number of partitions, policy or size limit.',
    remedy: 'Change the topic as the message says.',
  },
  'registry.unavailable': {
    retriable: true,
    meaning: 'The schema registry cannot be reached, fails, or something else answers in its place.',
    remedy:
      'A process waits and tries again: partitions whose next schema is not yet known wait with it, the others go on. A command has given up. Check registry.url.',
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
    meaning:
      'A snapshot, or a record of the topic of models, fails its checksum, is cut short or is no model. It is passed over: the log is used, or the version before it, and what that lacks is folded again.',
    remedy: 'None: the next version replaces it. Find out who wrote it, or check the disk of the brokers.',
  },
  'snapshot.newer_format': {
    retriable: false,
    meaning:
      'A snapshot, model or update was written by a newer release, in a format that this one cannot read. Events go on being scored by the newest version that it can read; it does not train past what it cannot.',
    remedy: 'Finish the upgrade: a process of the newer release trains on.',
  },
  'snapshot.foreign': {
    retriable: false,
    meaning:
      'A snapshot or model belongs to another feature configuration or another life of the log. It is passed over: the log is used, or the version before it.',
    remedy:
      'A model in the log without one of this configuration before it: no model is born beside it. Use a new `name` for the new configuration, or go back to the old one.',
  },
  'update.damaged': {
    retriable: false,
    meaning:
      'A record of model-updates is no update: it fails its checksum, is cut short, or teaches what no events can. It makes a version like every record, and teaches nothing, whoever replays the log; what its events would have taught is lost, their assignments are not.',
    remedy: 'None: training goes on. Find out who wrote it, or check the disk of the brokers.',
  },
  'model.exists': {
    retriable: false,
    meaning: 'A model is to be published as the first of its name, and there is one already. It is left as it is.',
    remedy: 'Use a new `name` for the new model.',
  },
  'model.missing': {
    retriable: false,
    meaning: 'A command is given to a model, and there is none of that configuration.',
    remedy: 'Check the configuration. A model is born when `shoal run` has read enough events.',
  },
  'model.refuses': {
    retriable: false,
    meaning: 'A command that makes no sense for the model as it is; the message says why. Nothing has been done.',
    remedy: 'See what is with `shoal model show` and `shoal drift`.',
  },
  'promotion.refused': {
    retriable: false,
    meaning:
      'A deployment is to be promoted that is not ready to take over: it does not run, is too far behind, or its model is too young. Nothing has been done.',
    remedy:
      'Wait until it is, which `shoal promote --check` says; `--force` promotes it all the same. See docs/blue-green.md.',
  },
  'audit.broken': {
    retriable: false,
    meaning: 'A record of the audit was changed, removed or moved after it had been written.',
    remedy:
      'Find out who may write to the topic of the audit, or delete from it, and compare with a copy of it: what the records say from there on cannot be relied on.',
  },
  'status.bad': {
    retriable: true,
    meaning:
      'Something of a running Shoal is bad: a dependency is away, its group stands still, or a drift is critical.',
    remedy: 'The sentence says what; docs/operations.md says what to do about it.',
  },
  'api.unavailable': {
    retriable: true,
    meaning: 'The API of a process cannot be reached, or has no answer now.',
    remedy: 'Check --url and the process; without --url the topics are read.',
  },
  'api.refused': {
    retriable: false,
    meaning:
      'The API of a process does not answer this: the token is missing or of another role, or another release runs there.',
    remedy: 'Give the token in SHOAL_TOKEN, or use the release of the process.',
  },
  'model.busy': {
    retriable: false,
    meaning: 'A model is to be published, and another process is the trainer of its name.',
    remedy: 'Stop the processes of that name, publish the model, and start them again.',
  },
  'model.unborn': {
    retriable: true,
    meaning: 'Something of the model is asked for, and it is not born yet.',
    remedy: 'Ask again later: /health/ready says when there is one.',
  },
  'version.unknown': {
    retriable: false,
    meaning: 'A version is asked for that is not kept, or never was published.',
    remedy: 'See which are kept with `shoal model list`.',
  },
  'profile.unknown': {
    retriable: false,
    meaning: 'A profile is asked for that this process does not have.',
    remedy: 'Ask the process that works on the partition of the entity: /v1/partitions and the log say who does.',
  },
  'event.invalid': {
    retriable: false,
    meaning: 'An event that is to be scored breaks a rule; the message names the reason, as a dead letter would.',
    remedy: 'Correct the event: docs/guarantees.md says what each reason means.',
  },
  'request.invalid': {
    retriable: false,
    meaning: 'A request breaks a rule of the API; the message names the part, the rule and the value.',
    remedy: 'Correct it as /v1/openapi.json says.',
  },
  'request.unknown': {
    retriable: false,
    meaning: 'There is no such address, or it knows no such method.',
    remedy: '/v1/openapi.json says what there is.',
  },
  'request.unsupported': {
    retriable: false,
    meaning: 'The content type of a request is not one that its route takes.',
    remedy: 'Send the type that /v1/openapi.json names.',
  },
  'request.too_large': {
    retriable: false,
    meaning: 'The body of a request is larger than http.maxBodyBytes.',
    remedy: 'Send less at once, or raise http.maxBodyBytes.',
  },
  'request.too_many': {
    retriable: true,
    meaning: 'A client has sent more than http.requestsPerMinute, or too many without a token that is known.',
    remedy: 'Wait as long as the header retry-after says.',
  },
  'access.unknown': {
    retriable: false,
    meaning: 'A request has no token, or one that is not known, has expired, or is not of this issuer.',
    remedy: 'Send `authorization: Bearer <token>` with a token of http.tokensFile or of http.oidc.',
  },
  'access.unavailable': {
    retriable: true,
    meaning: 'The keys of http.oidc.issuer cannot be had, so no token of it can be checked.',
    remedy: 'Check that this process reaches the issuer; tokens of http.tokensFile go on being taken.',
  },
  'access.denied': {
    retriable: false,
    meaning: 'The token is known, but its role does not include what was asked for.',
    remedy: 'Use a token of the role that the message names.',
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
    meaning:
      'A file that the command line names is not what it must be; the message names the line, or says what is wrong.',
    remedy: 'Correct the file there, or name another one.',
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

/** Whether a newer generation or producer owns what was worked on: whoever is told so has done nothing wrong, and starts anew. */
export function isFenced(error: unknown): boolean {
  return codeOf(error) === 'log.fenced'
}

/** The code of an error, for a log line or a metric; what is not ours is `unexpected`. */
export function codeOf(error: unknown): ErrorCode | 'unexpected' {
  return error instanceof ShoalError ? error.code : 'unexpected'
}
