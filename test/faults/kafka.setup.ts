/** Before the first test of test/faults: the suite's own Kafka, whose clients are told the port of the wire. */
import type { TestProject } from 'vitest/node'
import { type KafkaServer, startKafka } from '../../tools/stack/kafka.ts'
import { freePort } from '../../tools/stack/server.ts'

export interface FaultyKafka {
  /** With its version. */
  readonly name: string
  /** For whoever no fault is to meet. */
  readonly address: string
  /** What the wire leads to. */
  readonly listener: number
  /** Where the wire must listen. */
  readonly port: number
}

declare module 'vitest' {
  interface ProvidedContext {
    faultyKafka: FaultyKafka | null
  }
}

/**
 * A broker of a user's looks every 10 s for transactions that have timed out, which readers of committed records wait
 * for, and every 5 min for what retention has overtaken: here it looks all the time.
 */
const properties = {
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '250',
  'log.retention.check.interval.ms': '500',
  'log.initial.task.delay.ms': '500',
}

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  let server: KafkaServer
  const port = await freePort()
  try {
    const listeners = [{ name: 'FAULTY', protocol: 'PLAINTEXT', advertisedPort: port }] as const
    server = await startKafka({ listeners, properties, report: (line) => console.error(`faults: ${line}`) })
  } catch (error) {
    console.error(`\nSKIPPED: NO KAFKA OF ITS OWN FOR THE FAULT SUITE. ${error}\n`)
    project.provide('faultyKafka', null)
    return undefined
  }
  const { name, address, ports } = server
  project.provide('faultyKafka', { name, address, listener: ports.get('FAULTY')!, port })
  return () => server.stop()
}
