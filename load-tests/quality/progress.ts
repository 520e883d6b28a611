/** How far the runs have come: a bar for a person, a line for each run that has ended for a log. */
import { Presets, SingleBar } from 'cli-progress'

export interface RunProgress {
  update(done: number, all: number, run: string): void
  /** Prints a text above the bar. */
  print(text: string): void
  stop(): void
}

export function runProgress(): RunProgress {
  return process.stderr.isTTY ? bar() : lines()
}

function bar(): RunProgress {
  const format = '{bar} {value} of {total} runs  {run}'
  const shown = new SingleBar(
    { format, stream: process.stderr, barsize: 30, clearOnComplete: true },
    Presets.shades_classic,
  )
  let state = { done: 0, all: 1, run: '' }
  shown.start(1, 0, { run: '' })
  return {
    update(done, all, run) {
      state = { done, all, run: run.slice(-60) }
      shown.setTotal(all)
      shown.update(done, { run: state.run })
    },
    print(text) {
      shown.stop()
      process.stdout.write(`${text}\n`)
      shown.start(state.all, state.done, { run: state.run })
    },
    stop: () => shown.stop(),
  }
}

function lines(): RunProgress {
  let told = 0
  return {
    update(done, all, run) {
      if (done === told) return
      told = done
      process.stderr.write(`${done} of ${all} runs: ${run}\n`)
    },
    print: (text) => void process.stdout.write(`${text}\n`),
    stop() {},
  }
}
