/** Before the first test of test/contract, test/stack or test/faults: the servers are found or started; after the last: stopped. */
import type { TestProject } from 'vitest/node'
import { type Outcome, obtainAll, stopAll } from '../tools/stack/stack.ts'
import type { Servers } from './servers.ts'

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const run = project.vitest.getRootProject()
  // Several projects have this set-up; what the first one found is the others', too.
  const found: Servers | undefined = run.getProvidedContext().servers
  if (found !== undefined) return undefined
  const outcomes = await obtainAll({ report: (line) => console.error(`stack: ${line}`) })
  const failures = outcomes.flatMap((outcome) => ('failure' in outcome ? [outcome] : []))
  for (const { name, failure } of failures) console.error(`\nSKIPPED: NO ${name.toUpperCase()}. ${failure}\n`)
  run.provide('servers', addressesOf(outcomes))
  return () => stopAll(outcomes)
}

function addressesOf(outcomes: readonly Outcome[]): Servers {
  const entries = outcomes.map((outcome) => [outcome.name, 'address' in outcome ? outcome.address : null] as const)
  return { kafka: null, registry: null, redis: null, ...Object.fromEntries(entries) }
}
