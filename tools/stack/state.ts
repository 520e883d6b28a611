/** What `npm run stack` remembers between two commands: which processes are ours, and where they answer. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { commandLine, end, isAlive } from './process.ts'
import type { Server } from './server.ts'
import { serverNames } from './stack.ts'

const file = join(import.meta.dirname, '..', '..', '.shoal', 'stack.json')

const rememberedServer = z.object({
  kind: z.enum(serverNames),
  name: z.string(),
  address: z.string(),
  pid: z.int().positive(),
  folder: z.string(),
  logFile: z.string(),
  mark: z.string(),
})
const schema = z.array(rememberedServer)

export type Remembered = z.infer<typeof rememberedServer>

export function remembered(kind: Remembered['kind'], server: Server): Remembered {
  const { name, address, pid, folder, logFile, mark } = server
  return { kind, name, address, pid, folder, logFile, mark }
}

export async function recall(): Promise<readonly Remembered[]> {
  const text = await readFile(file, 'utf8').catch(() => '[]')
  const parsed = schema.safeParse(JSON.parse(text))
  if (!parsed.success)
    throw new Error(`${file} is not what this release writes: end those servers yourself and delete it`)
  return parsed.data
}

export async function remember(servers: readonly Remembered[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const partial = `${file}.${process.pid}`
  await writeFile(partial, `${JSON.stringify(servers, null, 2)}\n`)
  await rename(partial, file)
}

export async function forget(): Promise<void> {
  await rm(file, { force: true })
}

/** Whether it still is that process: after a reboot the id may be another's. */
export async function runs(server: Remembered): Promise<boolean> {
  const line = await commandLine(server.pid)
  return line?.includes(server.mark) === true && (await isAlive(server.pid))
}

/** Ends the process if it still is ours, and removes its data. */
export async function endRemembered(server: Remembered): Promise<'stopped' | 'was gone'> {
  const ours = await runs(server)
  if (ours) await end(server.pid)
  await rm(server.folder, { recursive: true, force: true })
  return ours ? 'stopped' : 'was gone'
}
