/** The commands of the pages that need no server and end by themselves, typed as they stand there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createTransactionStream } from '../../src/generator/stream.ts'
import { commandsOf, configurationIn, pagePaths } from './page-text.ts'
import { openShell } from './shell.ts'
import { commandsIn, shoalArguments } from './shell-words.ts'

/** What they do is between a file and standard output. */
const withoutServers = ['backtest', 'choose-k', 'config', 'token']
/** A hundred behind those that a backtest does not judge. */
const rows = 1_100
/** So few that 64 clusters are born of them: what is tried here is the command, not what it finds. */
const environment = { SHOAL_BOOTSTRAP_MIN_EVENTS: '200' }

const scratch = mkdtempSync(join(tmpdir(), 'shoal-pages-'))
afterAll(() => rmSync(scratch, { recursive: true }))

function needsNoServer(line: string): boolean {
  return commandsIn(line).every((words) => {
    const [command, ...rest] = shoalArguments(words) ?? []
    return withoutServers.includes(command) && !rest.includes('--topic')
  })
}

/** Labelled payments under the names that the configurations of the pages read. */
function payments(): string {
  const stream = createTransactionStream({ invalid: 0, flaws: [], frauds: 0.02 })
  const lines = Array.from({ length: rows }, () => {
    const { transaction, fraud } = stream.next()
    const { id, customer, occurredAt, amount, latitude, longitude, deviceRisk, channel } = transaction
    return [
      id,
      customer,
      occurredAt,
      amount,
      latitude,
      longitude,
      deviceRisk,
      channel,
      fraud === null ? 0 : 1,
      7,
    ].join()
  })
  const names = 'id,customer,createdAt,amount,latitude,longitude,deviceRisk,channel,label,meta_source'
  return [names, ...lines, ''].join('\n')
}

/** A folder with the files that commands of pages name. */
function folderOf(page: string): string {
  const folder = join(scratch, page.replace('/', '-'))
  mkdirSync(folder)
  const configuration = configurationIn(page) ?? configurationIn('README.md') ?? ''
  for (const name of ['shoal.yaml', 'payments.yaml']) writeFileSync(join(folder, name), configuration)
  for (const name of ['data.csv.gz', 'payments.csv.gz']) writeFileSync(join(folder, name), payments())
  return folder
}

/** What two lines have in common that differ in values alone. */
const shapeOf = (page: string, line: string) =>
  [page, ...commandsIn(line).flatMap((words) => words.filter((word) => /^[a-z-]+$/.test(word)))].join(' ')

const all = pagePaths.flatMap((page) =>
  commandsOf(page)
    .filter(needsNoServer)
    .map((line) => [page, line] as const),
)
const found = [...new Map(all.map(([page, line]) => [shapeOf(page, line), [page, line] as const])).values()]
const shells = new Map(
  [...new Set(found.map(([page]) => page))].map((page) => [page, openShell(folderOf(page), environment)]),
)

test.concurrent.each(found)('%s: %s', async (page, line) => {
  expect(await shells.get(page)?.run(line)).not.toBe('')
})
