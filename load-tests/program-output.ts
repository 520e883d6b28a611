/** What other programs print. */
import { spawn } from 'node:child_process'

/** What it has printed when it ends with 0; else it throws with the last of what the program said was wrong. */
export function outputOf(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)))
    child.once('close', (code, signal) => {
      const line = [command, ...args].join(' ')
      if (code === 0) resolve(stdout)
      else reject(new Error(`${line} ended with ${code ?? signal}: ${stderr.trim().slice(-2000)}`))
    })
  })
}
