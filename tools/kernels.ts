/** `npm run kernels`: compiles src/core/kernel/assembly. */
import { writeFile } from 'node:fs/promises'
import { binaryModule, binaryPath, kernels } from './compiled-kernel.ts'

for (const name of kernels) {
  await writeFile(binaryPath(name), await binaryModule(name))
  console.log(binaryPath(name))
}
