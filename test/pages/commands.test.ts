/** Whatever a page tells its reader to type is something that there is; run.test.ts and stack/pages.test.ts type it. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { blocksOf, commandsOf, mentionsIn, pagePaths } from './page-text.ts'
import { refusalOf } from './real-parser.ts'
import { commandsIn, shoalArguments } from './shell-words.ts'

const root = new URL('../../', import.meta.url)
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  scripts: Record<string, string>
}
const { paths } = JSON.parse(readFileSync(new URL('schemas/openapi.json', root), 'utf8')) as {
  paths: Record<string, Record<string, unknown>>
}

/** What cannot be typed here, and why; everything else is shoal, npm, or curl to its API. */
const elsewhere: Readonly<Record<string, string>> = {
  docker:
    'needs an engine: test/deploy judges the files that it is given, `npm run image:check` builds the image without it',
  kubectl: 'needs a cluster',
  helm: 'is not on every machine: `npm run deploy:check` fetches it and renders the chart',
  conftest: 'the same: `npm run deploy:check` tests the policies with it',
}
/** Routes that no document of the API describes. */
const plainRoutes = ['/metrics', '/health/startup', '/health/live', '/health/ready']
/** What a pipe leads to. */
const filters = ['jq', 'grep', 'head', 'sh']

/** A sentence may name a command without what it needs, or several by their common words. */
const isUnfinished = /not specified$|argument missing$|^missing required argument/
const isForSeveral = /\||\[|\b[A-Z]+\b|(shoal|model|config|drift) …/

async function faultOf(words: readonly string[]): Promise<string | null> {
  const ours = shoalArguments(words)
  if (ours !== null) return refusalOf(ours)
  const [program] = words
  if (program === 'npm') return faultOfScript(words)
  if (program === 'curl') return faultOfRequest(words)
  const file = program === 'node' ? words[1] : program
  if (file?.includes('/')) return existsSync(new URL(file, root)) ? null : `there is no ${file}`
  return program in elsewhere || filters.includes(program) ? null : 'nobody knows that program'
}

function faultOfScript([, verb, name]: readonly string[]): string | null {
  const script = verb === 'run' ? name : verb
  return script in scripts ? null : `package.json has no script ${script}`
}

function faultOfRequest(words: readonly string[]): string | null {
  const url = words.find((word) => /^(http:\/\/)?[a-z-]+:\d+\//.test(word))
  const path = url?.replace(/^(http:\/\/)?[^/]+/, '').replace(/\?.*/, '') ?? ''
  const method = words.some((word) => /^(-d|--data.*)$/.test(word)) ? 'post' : 'get'
  const isThere = paths[path]?.[method] !== undefined || (method === 'get' && plainRoutes.includes(path))
  return isThere ? null : `the API has no ${method} ${path}`
}

describe.each(pagePaths)('%s', (page) => {
  test('has only commands that there are', async () => {
    const faults: string[] = []
    for (const line of commandsOf(page)) {
      for (const words of commandsIn(line)) {
        const fault = await faultOf(words)
        if (fault !== null) faults.push(`${line}: ${fault}`)
      }
    }
    expect(faults).toEqual([])
  })

  test('names only commands that there are in its sentences', async () => {
    const faults: string[] = []
    for (const mention of mentionsIn(page).filter((each) => !isForSeveral.test(each))) {
      const fault = await refusalOf(shoalArguments(commandsIn(mention)[0]) ?? [])
      if (fault !== null && !isUnfinished.test(fault)) faults.push(`${mention}: ${fault}`)
    }
    expect(faults).toEqual([])
  })

  test('has its commands in blocks of commands', () => {
    const others = blocksOf(page).filter(({ language }) => language !== 'sh')
    const isCommand = (line: string) =>
      /^(?:[A-Z_]+=\S+ )?(?:npm|shoal|curl|docker|kubectl|helm|conftest|[a-z]+\/\S+) /.test(line)
    expect(others.flatMap(({ lines }) => lines.filter(isCommand))).toEqual([])
  })
})

describe('these rules', () => {
  test.each([
    ['an option that there is not', 'shoal run --fly'],
    ['a command that there is not', 'npm run shoal -- fly'],
    ['an argument too many', 'shoal status now'],
    ['a value that an option does not take', 'shoal consume everything'],
    ['a script that there is not', 'npm run fly'],
    ['a route that there is not', 'curl -s localhost:9404/v1/fly'],
    ['a way to ask that a route does not take', "curl -s localhost:9404/v1/status -d '{}'"],
    ['a program that nobody knows', 'fly'],
  ])('see %s', async (_, line) => {
    expect(await faultOf(commandsIn(line)[0])).not.toBeNull()
  })

  test('read a line as a shell does', () => {
    const line = `A=1 shoal model freeze --reason 'it is #1' | jq '.a | .b' > "x y" # why`
    expect(commandsIn(line)).toEqual([
      ['shoal', 'model', 'freeze', '--reason', 'it is #1'],
      ['jq', '.a | .b'],
    ])
  })
})
