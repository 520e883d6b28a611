#!/usr/bin/env node
// Makes `node_modules` equal to package-lock.json, Node 24 included. It runs before everything else, under
// whatever Node the machine has, so it is plain JavaScript (Node 18 or newer) and needs no package.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.shoal-setup')
const bundledNode = join(modules, '.bin', 'node')
const lockFile = join(root, '.shoal', 'setup.lock')
const neededMajor = 24

const say = (line) => process.stderr.write(`setup: ${line}\n`)
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

if (!isUpToDate()) await withLock(setUp)
// A process that is started, tested or published serves the console, so it is there, and made of the sources that are there.
if (process.argv.includes('--console')) buildConsole()

function isUpToDate() {
  return hasNode() && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
}

/** A Node that the npm scripts will find: ours, or the machine's own when it is new enough. */
function hasNode() {
  return existsSync(bundledNode) || Number.parseInt(process.versions.node, 10) >= neededMajor
}

async function setUp() {
  if (isUpToDate()) return
  if (!(hasNode() && isInstalled())) await install()
  checkNode()
  writeFileSync(stamp, wanted)
}

/**
 * npm's own record of what it installed, compared with the lock: `npm install x` changes both, and then there is
 * nothing to do. Optional packages (those of other platforms) may be absent.
 */
function isInstalled() {
  const record = join(modules, '.package-lock.json')
  if (!existsSync(record)) return false
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const locked = Object.entries(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages)
  return locked.every(([path, { version, integrity, optional }]) => {
    if (path === '') return true
    const there = installed[path]
    if (there === undefined) return optional === true
    return there.version === version && there.integrity === integrity && existsSync(join(root, path))
  })
}

async function install() {
  const started = Date.now()
  // npm takes a package folder that is there for installed, whether or not its script brought the binary.
  if (!existsSync(bundledNode)) rmSync(join(modules, 'node'), { recursive: true, force: true })
  const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`
  say('installing the packages of package-lock.json, Node 24 among them (once; about a minute)')
  const progress = setInterval(() => say(`still installing, ${elapsed()}`), 10_000)
  // Not `npm ci`: it refuses a lock that was written where the registry had no packages for other platforms.
  // `--no-save` leaves the lock as it is. Warnings are hidden: an older Node is expected to say EBADENGINE.
  const flags = ['install', '--no-save', '--engine-strict=false', '--ignore-scripts=false', '--no-audit', '--no-fund']
  const code = await runNpm([...flags, '--loglevel=error', '--progress=false'])
  clearInterval(progress)
  if (code !== 0) fail(`npm install failed (${code}); its own message stands above. Mend that and start again.`)
  say(`installed in ${elapsed()}`)
}

/** The npm that runs this script, else the one on the PATH. */
function runNpm(args) {
  const own = process.env.npm_execpath
  const [command, first] = own && basename(own).startsWith('npm') ? [process.execPath, [own]] : ['npm', []]
  return new Promise((resolve) => {
    // stdout goes to stderr, so that `npm run x -- --json` prints nothing but its own output.
    const child = spawn(command, [...first, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
    child.on('error', (error) => resolve(error.message))
    child.on('exit', (code, signal) => resolve(code ?? signal))
  })
}

function checkNode() {
  const version = (command) => {
    const { stdout, error, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8' })
    return { major: Number.parseInt((stdout ?? '').slice(1), 10), said: (error?.message ?? (stderr || stdout)).trim() }
  }
  const ours = version(bundledNode)
  if (ours.major >= neededMajor) return
  // A binary that does not start would be found first by every npm script, this one included.
  rmSync(bundledNode, { force: true })
  if (version(process.execPath).major >= neededMajor) return say(`using ${process.execPath} (${process.version})`)
  fail(
    `the Node 24 that npm installed does not start on this machine (${ours.said}). ` +
      `Install Node ${neededMajor} or newer yourself (https://nodejs.org), put it first on the PATH and start again.`,
  )
}

function buildConsole() {
  const program = existsSync(bundledNode) ? bundledNode : process.execPath
  const args = [join(root, 'tools', 'console.ts'), '--if-changed']
  const { status } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) fail('the console cannot be built; the message stands above')
}

/** Two commands started at once on a fresh clone must not install over each other. */
async function withLock(work) {
  mkdirSync(dirname(lockFile), { recursive: true })
  const deadline = Date.now() + 600_000
  while (!takeLock()) {
    if (Date.now() > deadline) fail(`another set-up holds ${lockFile} for ten minutes; delete it when none runs`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  try {
    await work()
  } finally {
    rmSync(lockFile, { force: true })
  }
}

function takeLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!isHeld()) rmSync(lockFile, { force: true })
    return false
  }
}

/** A lock outlives its owner when that was killed. */
function isHeld() {
  try {
    const owner = Number(readFileSync(lockFile, 'utf8'))
    // An empty file is a lock that is being written, unless it stays so.
    if (owner === 0) return Date.now() - statSync(lockFile).mtimeMs < 5_000
    process.kill(owner, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function fail(message) {
  rmSync(lockFile, { force: true })
  say(message)
  process.exit(1)
}
