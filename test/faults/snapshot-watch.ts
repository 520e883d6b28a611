/** Looks at the newest snapshot all the time: it may never go back to an older version. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'

const everyMs = 20

export class SnapshotWatch {
  /** Each step back that was seen, in words. */
  readonly steps: string[] = []
  readonly #client: Redis
  readonly #key: string
  readonly #looking: Promise<void>
  #isOver = false
  #newest = 0

  constructor(redis: string, name: string) {
    this.#client = new Redis(redis, { maxRetriesPerRequest: 0 })
    this.#client.on('error', () => undefined) // A Redis that is away shows nothing.
    this.#key = `shoal:{${name}}:latest`
    this.#looking = this.#look()
  }

  /** For a scenario that itself puts an older one there. */
  forget(): void {
    this.#newest = 0
  }

  async close(): Promise<void> {
    this.#isOver = true
    await this.#looking
    this.#client.disconnect()
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      const version = await this.#client.hget(this.#key, 'version').then(Number, () => 0)
      if (version > 0 && version < this.#newest)
        this.steps.push(`the snapshot must not go back: version ${version} after ${this.#newest}`)
      if (version > 0) this.#newest = version
      await sleep(everyMs)
    }
  }
}
