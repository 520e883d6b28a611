import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditView } from '../../src/runtime/views/audit-view.ts'
import { type Serving, serving } from './serving.ts'

let world: Serving
beforeAll(async () => {
  world = await serving()
  await world.feed(2000)
})
afterAll(() => world.stop())

async function audit(query = ''): Promise<readonly AuditView[]> {
  const answer = await world.get(`/v1/audit${query}`)
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { records: AuditView[] }).records
}

test('the audit has the birth, and a command of the API as it was given and as the model came to it', async () => {
  const given = await world.post('/v1/commands', { kind: 'freeze', reason: 'cents', by: 'Zoë', waitMs: 20_000 })
  expect(given.status).toBe(200)
  const told = (await audit()).map(({ kind, what, outcome, by, reason }) => [kind, what, outcome, by, reason])
  expect(told).toEqual([
    ['command', 'freeze', 'obeyed', 'Zoë', 'cents'],
    ['command', 'freeze', 'given', 'Zoë', 'cents'],
    ['birth', 'birth', 'promoted', 'shoal', ''],
  ])
  expect((await audit())[1].facts.via).toBe('API')
})

test('the audit gives what is asked for', async () => {
  expect((await audit('?kind=birth')).map(({ version }) => version)).toEqual([1])
  expect(await audit('?limit=1')).toHaveLength(1)
  expect(await audit(`?sinceMs=${Date.now() + 3_600_000}`)).toEqual([])
})
