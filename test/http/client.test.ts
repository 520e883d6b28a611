import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { generateApi } from 'swagger-typescript-api'
import { expect, test } from 'vitest'
import { listening } from './listening.ts'

const tsc = join(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'tsc')

test('a client that is generated from the document compiles', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-client-'))
  const server = await listening()
  try {
    const document = await (await fetch(`${server.url}/v1/openapi.json`)).json()
    await generateApi({ spec: document, output: folder, fileName: 'client.ts', httpClientType: 'fetch', silent: true })
    const use = `import { Api } from './client.ts'
const api = new Api({ baseUrl: 'http://127.0.0.1:9404' })
export const version: Promise<number> = api.v1.getModel().then(({ data }) => data.version)
// @ts-expect-error: a command needs a reason
void api.v1.giveCommand({ kind: 'freeze' })
`
    writeFileSync(join(folder, 'use.ts'), use)
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2024', '--module', 'nodenext']
    const run = promisify(execFile)
    const compiled = run(tsc, [...options, '--allowImportingTsExtensions', '--lib', 'es2024,dom', 'use.ts'], {
      cwd: folder,
    })
    expect(await compiled.catch((error) => ({ stdout: `${error.stdout}${error.stderr}` }))).toMatchObject({
      stdout: '',
    })
  } finally {
    await server.close()
    rmSync(folder, { recursive: true })
  }
}, 60_000)
