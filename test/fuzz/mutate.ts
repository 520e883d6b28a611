/** Loaded before everything else (`node --import`): puts the bug that FUZZ_MUTANT names into the source that has it. */
import { registerHooks } from 'node:module'
import { mutants } from './mutants.ts'

const name = process.env.FUZZ_MUTANT ?? ''
const mutant = mutants[name]
if (mutant === undefined) throw new Error(`FUZZ_MUTANT must name a mutant: got ${JSON.stringify(name)}`)

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith(`/${mutant.file}`)) return loaded
    const source = Buffer.from(loaded.source as Uint8Array).toString()
    if (!source.includes(mutant.from)) throw new Error(`${mutant.file} must hold what "${name}" replaces`)
    return { ...loaded, source: source.replace(mutant.from, mutant.to) }
  },
})
