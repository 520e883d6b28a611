/** A kernel's binary as a module of ours: the sources run as they are, so what must be compiled is kept beside them. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import asc from 'assemblyscript/asc'

export const kernels = ['nearest', 'mixture', 'sums', 'bins'] as const
type KernelName = (typeof kernels)[number]

const folder = join(import.meta.dirname, '..', 'src', 'core', 'kernel')
const sources = join(folder, 'assembly')
const flags = [
  '--optimizeLevel',
  '3',
  '--noAssert',
  '--runtime',
  'stub',
  '--enable',
  'simd',
  '--enable',
  'relaxed-simd',
]

/** Where the module of a kernel belongs. */
export function binaryPath(name: KernelName): string {
  return join(folder, `${name}-binary.ts`)
}

/** What it says when made from the source as it is. */
export async function binaryModule(name: KernelName): Promise<string> {
  let binary: Uint8Array = new Uint8Array(0)
  const { error, stderr } = await asc.main([`${name}.ts`, '--outFile', 'kernel.wasm', ...flags], {
    // To find out what an import means it also asks for files that are not there.
    readFile: (file) => (existsSync(join(sources, file)) ? readFile(join(sources, file), 'utf8') : null),
    writeFile: (file, contents) => {
      if (file === 'kernel.wasm') binary = contents as Uint8Array
    },
    listFiles: () => [],
  })
  if (error !== null) throw new Error(`assembly/${name}.ts does not compile: ${stderr.toString()}`)
  const text = Buffer.from(binary).toString('base64')
  return `/** Made from assembly/${name}.ts by \`npm run kernels\`. */\nexport const ${name}Binary =\n  '${text}'\n`
}
