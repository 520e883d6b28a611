/** How long a start takes that finds a thousand versions, and a changelog of a hundred thousand keys: measured and printed. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { describeFaults } from '../describe-faults.ts'

const program = join(import.meta.dirname, '..', '..', '..', 'load-tests', 'cold-start.ts')
const deadlineMs = 600_000
const [rounds, versions, keys] = [2, 1_000, 100_000]

interface Spread {
  readonly median: number
}

/** What is looked at of what load-tests/cold-start.ts reports. */
interface Report {
  readonly modelsRecords: number
  readonly withSnapshot: { readonly assignmentSeconds: Spread; readonly versionSeconds: Spread }
  readonly withoutRedis: { readonly assignmentSeconds: Spread; readonly versionSeconds: Spread }
  readonly changelog: {
    readonly records: number
    readonly megabytes: number
    readonly seconds: Spread
    readonly recordsPerSecond: Spread
    readonly megabytesPerSecond: Spread
  }
}

describeFaults('a cold start', ({ kafka, servers }) => {
  test('finds all that there is', { timeout: deadlineMs }, async () => {
    const numbers = [rounds, versions, keys].map(String)
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...numbers, '--json'], {
      env: {
        ...process.env,
        SHOAL_TEST_KAFKA: kafka.address,
        SHOAL_TEST_REGISTRY: servers.registry,
        SHOAL_TEST_REDIS: servers.redis,
      },
    })
    const { modelsRecords, withSnapshot, withoutRedis, changelog } = JSON.parse(stdout) as Report
    expect(modelsRecords).toBeGreaterThanOrEqual(versions)
    expect(changelog.records).toBe(keys)
    const start = ({ assignmentSeconds, versionSeconds }: Report['withSnapshot']) =>
      `first assignment after ${assignmentSeconds.median} s, first version after ${versionSeconds.median} s`
    console.log(
      [
        `cold start with ${modelsRecords} records in models, snapshot in Redis: ${start(withSnapshot)}`,
        `cold start with ${modelsRecords} records in models, without Redis: ${start(withoutRedis)}`,
        `changelog of ${changelog.records} keys (${changelog.megabytes} MB) into a map: ${changelog.seconds.median} s, ` +
          `${changelog.recordsPerSecond.median} records/s, ${changelog.megabytesPerSecond.median} MB/s`,
      ].join('\n'),
    )
  })
})
