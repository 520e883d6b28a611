/** Deliberate bugs: edits of the product's own sources, made when they are loaded. A seed must find each. */
import type { Mutation } from './mutation.ts'
import { primaryMutations } from './primary-mutations.ts'
import { profileMutations } from './profile-mutations.ts'

export const mutations: readonly Mutation[] = [
  {
    name: 'a commit is accepted from any generation',
    edits: [
      {
        file: 'src/adapters/memory/transaction.ts',
        find: "    if (!group.isSeated(seat)) return 'stale'\n",
        replace: '',
      },
    ],
  },
  {
    name: 'positions move before the commit',
    edits: [
      {
        file: 'src/adapters/memory/transaction.ts',
        find: '    group.hold(this, staged.keys())',
        replace: '    group.release(this, next)',
      },
    ],
  },
  {
    name: 'outputs are committed though the positions were refused',
    edits: [
      {
        file: 'src/adapters/memory/transaction.ts',
        find: "    if (this.#outcome === null) this.#end('abort')",
        replace: "    if (this.#outcome === null) this.#end('commit')",
      },
    ],
  },
  {
    name: 'a pinned version is forgotten like others',
    edits: [
      {
        file: 'src/runtime/training.ts',
        find: ', ...pinned, ',
        replace: ', ',
      },
    ],
  },
  {
    name: 'readers see what is not decided',
    edits: [
      {
        file: 'src/adapters/memory/partition-log.ts',
        find: 'stable = Math.min(stable, first)',
        replace: 'void first',
      },
    ],
  },
  {
    name: 'readers see what was aborted',
    edits: [
      {
        file: 'src/adapters/memory/partition-log.ts',
        find: "    if (outcome === 'abort') this.#aborted =",
        replace: "    if (outcome !== 'abort') this.#aborted =",
      },
    ],
  },
  {
    name: 'what was learned is kept when its commit fails',
    edits: [
      {
        file: 'src/runtime/train-worker.ts',
        find: '    const model = await restore(options, telemetry, duty)\n',
        replace:
          '    const kept = telemetry as { model?: Model | null }\n' +
          '    const model = (kept.model ??= await restore(options, telemetry, duty))\n',
      },
    ],
  },
  {
    name: 'a reaction to a drift is written with every version after it',
    shape: { drifts: true, events: 700 },
    edits: [
      {
        file: 'src/runtime/training.ts',
        find: '    this.reactions = []\n    this.targets.published(model, bytes)\n',
        replace: '    this.targets.published(model, bytes)\n',
      },
    ],
  },
  {
    name: 'a snapshot is believed whatever the log holds',
    edits: [
      {
        file: 'src/runtime/model-follower.ts',
        find: '(await this.stands(snapshot, signal))',
        replace: 'true',
      },
    ],
  },
  {
    name: 'a process goes on from the snapshot without reading what came after it',
    edits: [
      {
        file: 'src/runtime/model-follower.ts',
        find: '        return snapshot.offset\n',
        replace: `
        const bytes = Uint8Array.from(snapshot.bytes)
        const decoded = decodeModel(bytes.subarray(wireHeaderBytes), this.options.fingerprint)
        if ('refused' in decoded) return end
        const scorer = freeze(decoded.value)
        this.newest = { offset: snapshot.offset, publishedAtMs: snapshot.publishedAtMs, bytes, scorer }
        this.seenUpTo = end
        return end
`,
      },
    ],
  },
  {
    name: 'a trainer goes on from what it has seen by chance',
    edits: [
      {
        file: 'src/runtime/train-worker.ts',
        find: '  await follower.reach(written, held)\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a trainer waits for what is decided, not for what is written',
    edits: [
      {
        file: 'src/runtime/train-worker.ts',
        find: 'sample.log.written({ topic: modelsTopic, partition: 0 })',
        replace: 'sample.log.bounds({ topic: modelsTopic, partition: 0 }).then(({ end }) => end)',
      },
    ],
  },
  {
    name: 'an update is folded again after a takeover',
    edits: [
      { file: 'src/stages/train.ts', find: '    if (offset < model.nextUpdateOffset) continue\n', replace: '' },
      {
        file: 'src/runtime/training.ts',
        find: '    await committed(options, telemetry, share, this.position, ',
        replace: '    await committed(options, telemetry, share, Math.max(0, this.position - 2), ',
      },
    ],
  },
  {
    name: 'a version is published without its position',
    edits: [
      {
        file: 'src/runtime/training.ts',
        find: '    await committed(options, telemetry, share, this.position, ',
        replace: '    await committed(options, telemetry, share, share.positions.get(0)!, ',
      },
    ],
  },
  {
    name: 'the newest version is forgotten with those that have aged',
    edits: [
      {
        file: 'src/runtime/training.ts',
        find: 'for (const version of forgotten) forgetVersion',
        replace: 'for (const version of forgotten.length > 0 ? [model.version] : []) forgetVersion',
      },
    ],
  },
  {
    name: 'a zombie may write the snapshot store',
    shape: { store: 'files' },
    edits: [
      {
        file: 'src/adapters/file/file-snapshots.ts',
        find: "    if (there !== null && !isForeign) return 'stale'\n",
        replace: '',
      },
    ],
  },
  {
    name: 'snapshots are of what the trainer has, not of what the log has',
    edits: [
      {
        file: 'src/runtime/snapshot-writer.ts',
        find: '  const { offset, publishedAtMs, bytes } = published\n',
        replace: '  const { publishedAtMs, bytes } = published\n  const offset = published.offset + 1\n',
      },
    ],
  },
  {
    name: 'a registry that is slow makes events invalid',
    edits: [
      {
        file: 'src/runtime/schemas.ts',
        find: '        await backoff.wait(signal)\n',
        replace: '        projection.resolve(id, null)\n        isKnown = true\n',
      },
    ],
  },
  {
    name: 'events of the birth teach a second time',
    edits: [
      {
        file: 'src/stages/batch-statistics.ts',
        find: 'const bornFrom = born !== undefined && offsets[i] >= born.from && offsets[i] < born.to',
        replace: 'const bornFrom = born !== undefined && offsets[i] < born.from',
      },
    ],
  },
  {
    name: 'positions are read though a transaction on them is pending',
    // A process that sleeps between its positions and its commit: its seat has gone, its transaction is still open.
    shape: { startsMs: [0, 300, 900], partitions: 4, sessionTimeoutMs: 500, transactionTimeoutMs: 6000 },
    edits: [
      {
        file: 'src/adapters/memory/group.ts',
        find: 'partitions.filter((each) => [...this.#held.values()].some((held) => held.has(each)))',
        replace: 'partitions.filter(() => false)',
      },
    ],
  },
  {
    name: 'a partition is begun anew though a transaction on its position is pending',
    edits: [
      {
        file: 'src/runtime/membership/tenure.ts',
        find: 'left.filter((each) => !found.pending.includes(each) && !found.positions.has(each))',
        replace: 'left.filter((each) => !found.positions.has(each))',
      },
    ],
  },
  {
    name: 'a transaction ends before its positions are staged',
    edits: [
      {
        file: 'src/adapters/memory/writer.ts',
        find: '      await this.#duty.stage(next, deadlineMs, (seat) =>',
        replace: '      const staged = this.#duty.stage(next, deadlineMs, (seat) =>',
      },
      {
        file: 'src/adapters/memory/writer.ts',
        find: "    await this.#wire('end', () => transaction.commit())\n",
        replace: "    await this.#wire('end', () => transaction.commit())\n    await staged\n",
      },
      {
        file: 'src/adapters/memory/writer.ts',
        find: '    if (next.size > 0) {\n      const group = this.#group()\n',
        replace: '    const group = this.#group()\n',
      },
      {
        file: 'src/adapters/memory/writer.ts',
        find: 'transaction.stage(group, seat, next)),\n      )\n    }\n',
        replace: 'transaction.stage(group, seat, next)),\n      )\n',
      },
    ],
  },
  {
    name: 'a failed commit is followed by the next',
    edits: [
      {
        file: 'src/runtime/score-worker.ts',
        find: '      await committing\n      telemetry.count',
        replace: '      await committing.catch(() => undefined)\n      telemetry.count',
      },
      {
        file: 'src/runtime/score-worker.ts',
        find: '    committing.catch(reject)\n',
        replace: '',
      },
      {
        file: 'src/adapters/memory/writer.ts',
        find: '      if (this.#failure !== null) throw this.#failure\n      await this.#steps',
        replace: '      await this.#steps',
      },
      {
        file: 'src/adapters/memory/writer.ts',
        find: '    if (this.#failure !== null) throw this.#failure\n    if (this.#open',
        replace: '    if (this.#open',
      },
      {
        file: 'src/runtime/membership/tenure.ts',
        find: '    } else this.lose(error)\n',
        replace: '    }\n',
      },
    ],
  },
  {
    name: 'a partition that has been elsewhere is taken for one that has not',
    shape: { startsMs: [0, 300, 900], partitions: 4 },
    edits: [
      {
        file: 'src/runtime/membership/holdings.ts',
        find: '    return committed !== undefined && committed === this.#staged.get(partition)\n',
        replace: '    return true\n',
      },
    ],
  },
  {
    name: 'a partition that moves is assigned before it is given up',
    edits: [
      {
        file: 'src/runtime/membership/assignment.ts',
        find: 'holder.memberId === memberId || !holder.keeps',
        replace: 'holder.memberId === memberId || true',
      },
    ],
  },
  {
    name: 'whoever has lost a partition may commit positions of it',
    edits: [
      {
        file: 'src/runtime/membership/commit-right.ts',
        find: '      if (foreign.length > 0) throw notHeld(foreign)\n',
        replace: '',
      },
      {
        file: 'src/runtime/membership/tenure.ts',
        find: "    this.lose(new ShoalError('log.fenced', `partition ",
        replace: "    if (generation < 0) this.lose(new ShoalError('log.fenced', `partition ",
      },
    ],
  },
  {
    name: 'a commit goes on under the new seat before the positions have been looked at',
    shape: { startsMs: [0, 300, 900], partitions: 4 },
    edits: [
      {
        file: 'src/runtime/membership/tenure.ts',
        find: '    const committed = await this.#settledPositions(over)\n',
        replace: '    this.#right.grant(seat)\n    const committed = await this.#settledPositions(over)\n',
      },
    ],
  },
  {
    name: 'who reads when the last partition goes is given what is new when it comes back',
    // Sessions that end soon, on a long road: the trainer's partition goes and comes back.
    shape: {
      startsMs: [0, 100],
      inputMs: 8000,
      events: 250,
      sessionTimeoutMs: 500,
      transactionTimeoutMs: 500,
      publishEveryMs: 10,
    },
    edits: [
      {
        file: 'src/adapters/memory/reader.ts',
        find: 'this.#closed.signal.aborted || this.#emptied > emptied',
        replace: 'this.#closed.signal.aborted',
      },
      // The second guard: whoever loses a partition begins anew with all that it has.
      {
        file: 'src/runtime/membership/tenure.ts',
        find: "    this.lose(new ShoalError('log.fenced', `partition ",
        replace: "    if (generation < 0) this.lose(new ShoalError('log.fenced', `partition ",
      },
    ],
  },
  {
    name: 'scoring that failed stays broken until there are new events',
    edits: [
      {
        file: 'src/runtime/lag.ts',
        find: "events === 0)) health.settled('score', quietMs)",
        replace: 'events === -1)) hide()',
      },
    ],
  },
  ...profileMutations,
  ...primaryMutations,
]
