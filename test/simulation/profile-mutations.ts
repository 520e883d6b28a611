/** Deliberate bugs of entity profiles: mutations.ts. */
import type { Mutation } from './mutation.ts'

export const profileMutations: readonly Mutation[] = [
  {
    name: 'profiles that a failed transaction changed are kept',
    shape: { profiles: true },
    edits: [
      {
        file: 'src/runtime/profile-keeper.ts',
        find: '      kept.profiles = await restoreProfiles(',
        replace:
          '      const all = (globalThis.keptProfiles ??= new WeakMap())\n' +
          '      const mine = all.get(this.options.health) ?? []\n' +
          '      all.set(this.options.health, mine)\n' +
          '      kept.profiles = mine[partition] ??= await restoreProfiles(',
      },
    ],
  },
  {
    name: 'profiles are restored to what is decided, not to what is written',
    shape: { profiles: true },
    edits: [
      {
        file: 'src/runtime/profile-restore.ts',
        find: 'log.written(at)',
        replace: 'log.bounds(at).then(({ end }) => end)',
      },
    ],
  },
  {
    name: 'a partition is scored before its profiles are there',
    shape: { profiles: true },
    edits: [
      {
        file: 'src/runtime/profile-keeper.ts',
        find: 'profiles: null, isPaused: false, failure: null }',
        replace: 'profiles: new Profiles(this.options.plan, this.options.limits), isPaused: false, failure: null }',
      },
    ],
  },
  {
    name: 'a partition that went and came back has the profiles that it went with',
    shape: { profiles: true },
    edits: [
      {
        file: 'src/runtime/profile-keeper.ts',
        find: '    if (known !== undefined && !(known.held.aborted && this.share.positions.has(partition))) return known\n',
        replace: '    if (known !== undefined) return known\n',
      },
      {
        file: 'src/runtime/profile-keeper.ts',
        find: '      if (held.aborted && !batches',
        replace: '      if (this.partitions === 0 && held.aborted && !batches',
      },
    ],
  },
  {
    name: 'profiles are given up in the order of their topic after a restore',
    shape: { profiles: true },
    edits: [{ file: 'src/runtime/profile-restore.ts', find: '    this.reader.finish()\n', replace: '' }],
  },
  {
    name: 'a profile that was given up is not deleted from its topic',
    shape: { profiles: true },
    edits: [
      {
        file: 'src/stages/profile-records.ts',
        find: '      this.appendTombstones(outputs, partition, kind, entity, timestampMs)\n',
        replace: '',
      },
    ],
  },
  {
    name: 'an event enters its profile before it is measured by it',
    shape: { profiles: true },
    edits: [
      {
        file: 'src/core/profiles/profile-entry.ts',
        find:
          '      for (const target of targets) this.tell(target, cells[this.at + cell])\n' +
          '      if (this.counts) cells[this.at + cell] += this.aheadMs < 0 ? passed : 1\n',
        replace:
          '      if (this.counts) cells[this.at + cell] += this.aheadMs < 0 ? passed : 1\n' +
          '      for (const target of targets) this.tell(target, cells[this.at + cell])\n',
      },
    ],
  },
  {
    name: 'an invalid event enters its profile',
    shape: { profiles: true, invalidShare: 0.2 },
    edits: [
      {
        file: 'src/core/profiles/profiles.ts',
        find: 'if (fields.reason[e] !== 0 || kind === FieldKind.missing',
        replace: 'if (kind === FieldKind.missing',
      },
    ],
  },
]
