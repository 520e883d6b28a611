/** Input for as long as a scenario lasts: the generator's numbered events at a rate, and the truth about each at once. */
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCommand } from '../stack/shoal-process.ts'
import type { Truth } from './verifier.ts'

export interface NumberedInput {
  /** Ends it in order; resolves when all that was acknowledged has been told. */
  stop(): Promise<void>
}

export interface InputOptions {
  readonly config: string
  /** Brokers that no fault stands before. */
  readonly kafka: string
  readonly folder: string
  readonly eventsPerSecond: number
  /** Of the generator: another for every input of one pipeline. */
  readonly seed: number
}

/** More than any scenario writes. */
const endless = 1e9
const interruptedCode = 130

/** `expect` is told of the events of each partition in the order in which they were acknowledged. */
export function startInput(
  { config, kafka, folder, eventsPerSecond, seed }: InputOptions,
  expect: (partition: number, truth: Truth) => void,
): NumberedInput {
  const file = join(folder, `truth-${seed}.csv`)
  const pace = ['--rate', String(eventsPerSecond), '--count', String(endless), '--no-shifts']
  const what = ['--seed', String(seed), '--invalid', '1%', '--truth', file]
  const producing = startCommand(['produce', '--config', config, ...pace, ...what], { SHOAL_KAFKA_BROKERS: kafka })
  let hasEnded = false
  void producing.ended.then(() => {
    hasEnded = true
  })
  const told = tell()
  told.catch(() => undefined) // Awaited by `stop`.
  return {
    async stop() {
      // It hears signals before it writes the truth.
      while (!hasEnded && (await sizeOf(file)) === 0) await sleep(20)
      producing.signal('SIGTERM')
      const { code, stderr } = await producing.ended
      if (code !== interruptedCode)
        throw new Error(`producing must go on until it is stopped: ended ${code}: ${stderr}`)
      await told
    },
  }

  async function tell(): Promise<void> {
    let read = 0
    let rest = ''
    for (;;) {
      const isLast = hasEnded
      const size = await sizeOf(file)
      if (size > read) {
        const part = createReadStream(file, { start: read, end: size - 1, encoding: 'utf8' })
        part.on('data', (chunk) => {
          rest += chunk
        })
        await once(part, 'end')
        read = size
        const lines = rest.split('\n')
        rest = lines.pop()!
        for (const line of lines) if (!line.startsWith('position')) tellOf(line)
      }
      if (isLast) return
      await sleep(20)
    }
  }

  function tellOf(line: string): void {
    const [, id, , , reason, partition] = line.split(',')
    expect(Number(partition), { id, reason })
  }
}

/** 0 while it is not there. */
function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}
