/**
 * Makes what is secret in deploy/compose.yaml, once: what is there stays. Each reader has a folder of its own below `folder`,
 * and the file of tokens holds their hashes only. With --show the token for a person is printed.
 */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder = '/secrets', program = '/app/dist/main.js'] = process.argv.slice(2).filter((word) => word !== '--show')
const tokensFile = join(folder, 'shoal', 'tokens.yaml')
const operatorFile = join(folder, 'shoal', 'operator.token')

// The file of tokens is written last, so it says that all the others are there.
if (!existsSync(tokensFile)) makeAll()
if (process.argv.includes('--show')) console.log(readFileSync(operatorFile, 'utf8'))

function makeAll() {
  const password = randomBytes(32).toString('base64url')
  const digest = createHash('sha256').update(password).digest('hex')
  write('shoal/redis-password', password)
  // Whoever gives no password may ask whether the server answers, and nothing else.
  const rights = 'on ~shoal:* &* +@all -@admin -@dangerous +info'
  write('redis/users.acl', `user default on nopass nocommands +ping\nuser shoal ${rights} #${digest}\n`)
  write('grafana/admin-password', randomBytes(24).toString('base64url'))
  const [prometheus, operator] = [token('prometheus', 'read'), token('operator', 'operate')]
  write('prometheus/shoal.token', prometheus.token)
  write('shoal/operator.token', operator.token)
  write('shoal/tokens.yaml', JSON.stringify({ tokens: [prometheus.entry, operator.entry] }))
}

function token(name, role) {
  const said = execFileSync(process.execPath, [program, 'token', '--name', name, '--role', role, '--json'])
  return JSON.parse(said.toString())
}

/** Whole or not at all. Its reader is another user, and the only one that has the volume. */
function write(path, text) {
  const file = join(folder, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(`${file}.new`, text, { mode: 0o444 })
  renameSync(`${file}.new`, file)
}
