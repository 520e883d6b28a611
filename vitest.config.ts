import { configDefaults, defineConfig } from 'vitest/config'

const isFull = process.env.SHOAL_TEST_FAULTS === 'full'
/**
 * Minutes of brokers that start and stop, of alerts that are waited for, of a Collector that is built first, and of what a
 * shorter test holds on the embedded log: `SHOAL_TEST_FAULTS=full npm test` runs them.
 */
const longStack = [
  'kafka-servers',
  'kafka-isolation',
  'kafka-quotas',
  'kafka-errors',
  'kafka-limits',
  'kafka-rights',
  'kafka-lies',
  'kafka-down',
  'kafka-secured',
  'kafka-credentials',
  'registry-secured',
  'secrets-unseen',
  'redis-secured',
  'alerts',
  'alerts-of-processes',
  'traces-collected',
  'rollback',
  'audit',
  'profiles',
  'workers',
  'registry-down',
  'stray-records',
  'pages',
].map((name) => `test/stack/${name}.test.ts`)
/** The contract once more, over TLS. */
const longContract = ['test/contract/event-log.kafka-secured.test.ts']
const needsServers = ['test/contract/**', 'test/stack/**', 'test/faults/scenarios/**']

export default defineConfig({
  test: {
    // Kafka's orderly stop counts into it.
    teardownTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...needsServers],
          // Seconds, on a machine that does nothing else; properties draw other cases each time.
          testTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...(isFull ? [] : longContract)],
          globalSetup: ['test/servers.setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'stack',
          include: ['test/stack/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...(isFull ? [] : longStack)],
          globalSetup: ['test/servers.setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // One file at a time: each runs whole pipelines beside the broker.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/scenarios/**/*.test.ts'],
          exclude: isFull ? [] : ['**/*.full.test.ts'],
          globalSetup: ['test/servers.setup.ts', 'test/faults/kafka.setup.ts'],
          // In full, one test injects many faults; each of them has a deadline of its own.
          testTimeout: 1_800_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
