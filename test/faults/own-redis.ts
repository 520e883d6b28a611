/** A Redis that only one scenario uses, behind a link: it can be absent, killed, replaced, and everything between. */
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { startRedis } from '../../tools/stack/redis.ts'
import { freePort, type Server } from '../../tools/stack/server.ts'
import { type Link, openLink } from './link.ts'

export class OwnRedis {
  readonly link: Link
  readonly #port: number
  readonly #folder: string
  readonly #admin: Redis
  #server: Promise<Server> | null = null
  #lives = 0

  private constructor(folder: string, port: number, link: Link) {
    this.#folder = folder
    this.#port = port
    this.link = link
    this.#admin = new Redis(port, '127.0.0.1', { lazyConnect: true })
    this.#admin.on('error', () => {})
  }

  /** There is no server yet. */
  static async reserve(): Promise<OwnRedis> {
    const port = await freePort()
    return new OwnRedis(await mkdtemp(join(tmpdir(), 'shoal-own-redis-')), port, await openLink(port))
  }

  /** Through the link. */
  get address(): string {
    return `redis://127.0.0.1:${this.link.port}`
  }

  /** Not through the link; waits while there is no server. */
  get admin(): Redis {
    return this.#admin
  }

  /** On the data of before. Resolves once it answers; `kill` and `stop` wait for that. */
  async start(settings: readonly string[] = []): Promise<void> {
    this.#server = startRedis({ port: this.#port, folder: this.#home(), settings: ['--save', '', ...settings] })
    await this.#server
  }

  kill(signal: NodeJS.Signals): Promise<void> {
    return this.#with((server) => server.kill(signal))
  }

  async killed(): Promise<void> {
    await this.#with(async (server) => {
      server.kill('SIGKILL')
      await server.gone()
    })
    this.#server = null
  }

  /** What is in memory now, as a file beside the data. */
  async dump(): Promise<void> {
    await this.#admin.save()
    await copyFile(join(this.#home(), 'dump.rdb'), this.#dumped())
  }

  /** Another server comes in this one's place, with that dump and nothing else. */
  async startFromDump(settings: readonly string[] = []): Promise<void> {
    this.#lives++
    await mkdir(this.#home())
    await copyFile(this.#dumped(), join(this.#home(), 'dump.rdb'))
    await this.start(['--appendonly', 'no', ...settings])
  }

  started(): Promise<void> {
    return this.#with(() => {})
  }

  async stop(): Promise<void> {
    await this.#with((server) => server.stop())
    this.#server = null
  }

  async close(): Promise<void> {
    this.#admin.disconnect()
    if (this.#server !== null) await this.stop()
    await this.link.close()
    await rm(this.#folder, { recursive: true })
  }

  #home(): string {
    return join(this.#folder, String(this.#lives))
  }

  #dumped(): string {
    return join(this.#folder, 'dumped.rdb')
  }

  async #with(work: (server: Server) => Promise<void> | void): Promise<void> {
    if (this.#server === null) throw new Error('there is no server now')
    await work(await this.#server)
  }
}
