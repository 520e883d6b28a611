/** `npm run stack`: the servers for a person to work with. They go on after the command, until `-- stop`. */
import Table from 'cli-table3'
import { Command } from 'commander'
import { kinds, type Outcome, obtainAll, serverNames, stopAll } from './stack.ts'
import { endRemembered, forget, recall, remember, remembered, runs } from './state.ts'

interface Row {
  readonly server: string
  readonly address: string
  readonly pid: number | null
  readonly log: string | null
}

const program = new Command('npm run stack --')
  .description('Runs Kafka, a schema registry and Redis on this machine, for development.')
  .option('--json', 'print JSON and nothing else on stdout')
  .addHelpText('after', '\nExamples:\n  npm run stack\n  npm run stack -- status --json\n  npm run stack -- stop')
program.command('start', { isDefault: true }).description('start what does not run').action(start)
program.command('status').description('say what runs').action(status)
program.command('stop').description('end the servers and remove their data').action(stop)
await program.parseAsync()

async function start(): Promise<void> {
  const known = await recall()
  const alive = await Promise.all(known.map(runs))
  if (known.length > 0 && alive.every(Boolean)) {
    note('The stack runs already.')
    return print(known.map(rowOf))
  }
  // Half a stack is of no use: what is left of it is ended, and all three start anew.
  await Promise.all(known.map(endRemembered))
  await forget()
  note('Starting Kafka, the schema registry and Redis …')
  const started = Date.now()
  const outcomes = await obtainAll({ report: note })
  const failures = outcomes.flatMap((outcome) => ('failure' in outcome ? [`${outcome.name}: ${outcome.failure}`] : []))
  if (failures.length > 0) {
    await stopAll(outcomes)
    for (const failure of failures) console.error(failure)
    process.exitCode = 1
    return
  }
  const ours = outcomes.flatMap((outcome) =>
    'server' in outcome && outcome.server ? [{ kind: outcome.name, server: outcome.server }] : [],
  )
  await remember(ours.map(({ kind, server }) => remembered(kind, server)))
  // Only now: until they are remembered, an interrupted command takes them with it.
  for (const { server } of ours) server.release()
  note(`Ready after ${((Date.now() - started) / 1000).toFixed(1)} s.`)
  print(outcomes.flatMap(rowOfOutcome))
}

async function status(): Promise<void> {
  const known = await recall()
  const alive = await Promise.all(known.map(runs))
  const rows = known.filter((_, i) => alive[i]).map(rowOf)
  if (rows.length < serverNames.length) {
    note(
      rows.length === 0
        ? 'Nothing runs. Start it with: npm run stack'
        : 'Only a part runs. `npm run stack` starts all anew.',
    )
    process.exitCode = 1
  }
  print(rows)
}

async function stop(): Promise<void> {
  const known = await recall()
  const ends = await Promise.all(known.map(endRemembered))
  await forget()
  if (program.opts().json) {
    console.log(JSON.stringify(known.map(({ kind }, i) => ({ server: kind, result: ends[i] }))))
    return
  }
  for (const [i, { name, pid }] of known.entries()) console.log(`${name} (${pid}) ${ends[i]}`)
  if (known.length === 0) console.log('Nothing runs.')
}

function rowOf({ kind, address, pid, logFile }: Awaited<ReturnType<typeof recall>>[number]): Row {
  return { server: kind, address, pid, log: logFile }
}

function rowOfOutcome(outcome: Outcome): readonly Row[] {
  if ('failure' in outcome) return []
  const { name, address, server } = outcome
  return [{ server: name, address, pid: server?.pid ?? null, log: server?.logFile ?? null }]
}

/** For a person: on stderr, so that what stdout holds can be read by a program. */
function note(line: string): void {
  console.error(line)
}

function print(rows: readonly Row[]): void {
  if (program.opts().json) {
    console.log(JSON.stringify(rows, null, 2))
    return
  }
  if (rows.length === 0) return
  const table = new Table({ head: ['server', 'address', 'pid', 'log'], style: { head: [], border: [] } })
  for (const { server, address, pid, log } of rows) table.push([server, address, pid ?? 'not ours', log ?? ''])
  console.log(table.toString())
  const lines = (key: 'shoalVariable' | 'variable') =>
    serverNames.flatMap((name) =>
      rows.filter(({ server }) => server === name).map(({ address }) => `${kinds[name][key]}=${address}`),
    )
  console.log(['', 'For shoal:', ...lines('shoalVariable'), '', 'For the tests:', ...lines('variable')].join('\n'))
  console.log('\nStop them with: npm run stack -- stop')
}
