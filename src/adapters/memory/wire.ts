/** What a client asks of the log, by the request that Kafka has for it. */
export type Request =
  | 'describe'
  | 'prepare'
  | 'bounds'
  | 'publish'
  | 'fetch'
  | 'join'
  | 'heartbeat'
  | 'leave'
  | 'positions'
  | 'produce'
  | 'stage'
  | 'end'

/**
 * The way between a client and the log; the seam for a simulator. `deliver` is the request's arrival: it changes the log
 * and gives the answer. A wire may hold the request back, hold the answer back, lose either (throw before or after
 * calling `deliver`), or never settle, which is what a killed process looks like.
 */
export type Wire = <T>(request: Request, deliver: () => T | Promise<T>) => Promise<T>
