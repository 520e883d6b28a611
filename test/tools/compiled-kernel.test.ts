import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { binaryModule, binaryPath, kernels } from '../../tools/compiled-kernel.ts'

test.each(kernels)(
  'the binary of %s is what its source compiles to',
  async (name) => {
    expect(await readFile(binaryPath(name), 'utf8')).toBe(await binaryModule(name))
  },
  60_000,
)
