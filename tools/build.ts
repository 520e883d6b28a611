/** `npm run build`: dist/, which is what the package publishes. Here the sources run as they are; this is for others. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

// Compiled elsewhere and renamed, so that a build that fails leaves the last good one. dist/ lies as deep below the
// root as src/ does, so that what a source finds relative to itself (schemas/) is found from dist/, too.
mkdirSync(join(root, '.shoal'), { recursive: true })
const fresh = mkdtempSync(join(root, '.shoal', 'build-'))
try {
  const failure = compile(fresh) ?? makeProgram(join(fresh, 'main.js'))
  if (failure === null) {
    rmSync(dist, { recursive: true, force: true })
    renameSync(fresh, dist)
    chmodSync(dist, 0o755)
    console.log('dist/ is built; its program is dist/main.js')
  } else {
    console.error(failure)
    process.exitCode = 1
  }
} finally {
  rmSync(fresh, { recursive: true, force: true })
}

/** Null, or why it failed; the compiler says the details itself. */
function compile(outDir: string): string | null {
  const config = join(outDir, 'tsconfig.json')
  const compilerOptions = { noEmit: false, declaration: true, rootDir: join(root, 'src'), outDir }
  writeFileSync(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [join(root, 'src')] }),
  )
  const { status } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', config], {
    cwd: root,
    stdio: 'inherit',
  })
  rmSync(config)
  return status === 0 ? null : 'the sources do not compile: dist/ is as it was'
}

function makeProgram(file: string): string | null {
  if (!existsSync(file)) return 'there is no src/main.ts to make a program of: dist/ is as it was'
  chmodSync(file, 0o755)
  return null
}
