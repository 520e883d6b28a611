/** Deliberate bugs in what two deployments owe to one another. */
import type { Mutation } from './mutation.ts'

const roles = 'src/runtime/primary/roles.ts'
const shape = { promotions: 3 }

export const primaryMutations: readonly Mutation[] = [
  {
    name: 'a shadow does not wait for the primary',
    shape,
    edits: [
      {
        file: roles,
        find: 'return Math.max(fromOffset, this.options.frontier.of(deployment, partition) ?? 0)',
        replace: 'return Number.MAX_SAFE_INTEGER',
      },
    ],
  },
  {
    name: 'a hand-over is written outside the transaction',
    shape,
    edits: [
      {
        file: 'src/runtime/score-worker.ts',
        find: '      appendHandOvers(transaction, options.handOvers, handOvers, scorer.version)\n',
        replace:
          '      await options.roles.log.publish((outputs) =>\n' +
          '        appendHandOvers(outputs, options.handOvers, handOvers, scorer.version))\n',
      },
    ],
  },
  {
    name: 'who takes a partition over does not read whose it is',
    shape,
    edits: [
      { file: roles, find: '    if (written !== null) await primaries.reach(written, held.lost)\n', replace: '' },
    ],
  },
  {
    name: 'who takes a partition over reads what is decided, not what is written',
    shape,
    edits: [
      {
        file: roles,
        find: 'return log.written({ topic, partition: 0 })',
        replace: 'return log.bounds({ topic, partition: 0 }).then(({ end }) => end)',
      },
    ],
  },
  {
    name: 'who has handed a partition over goes on until it is read back',
    shape,
    edits: [
      {
        file: 'src/runtime/score-worker.ts',
        find: 'roles.filled(next, handOvers)',
        replace: 'roles.filled(next, handOvers.slice(handOvers.length))',
      },
    ],
  },
  {
    name: 'who comes back to a partition does not look whether another has handed it over',
    shape,
    edits: [{ file: 'src/runtime/membership/tenure.ts', find: '!(await this.#share.stands(over))', replace: 'false' }],
  },
  {
    name: 'who is given a partition writes its outputs from where it is',
    shape,
    edits: [
      {
        file: roles,
        find: 'if (deployment === this.options.name && from >= fromOffset) {',
        replace: 'if (deployment === this.options.name) {',
      },
    ],
  },
  {
    name: 'what is handed over while nothing comes is not committed by its position',
    shape,
    edits: [{ file: roles, find: '      next.set(partition, at)\n', replace: '' }],
  },
  {
    name: 'a shadow deals with the whole of a batch, wherever the primary is in it',
    shape,
    edits: [
      { file: roles, find: 'nextOffset <= limit ? batch : cutAt(batch, limit)', replace: 'void nextOffset ?? batch' },
    ],
  },
  {
    name: 'who hands over what it has not come to yet gives it back from where it is',
    shape,
    edits: [{ file: roles, find: 'fromOffset: Math.max(at, fromOffset)', replace: 'fromOffset: at' }],
  },
]
