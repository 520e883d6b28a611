import { cards } from './cards.ts'
import { mixtures } from './mixtures.ts'
import type { Scenario } from './planted.ts'
import { stresses } from './stress.ts'

/** What the acceptance asks. */
export const accepted: readonly Scenario[] = [...mixtures, ...cards]
const scenarios: readonly Scenario[] = [...accepted, ...stresses]

/** Those of these names, in that order. Where a name is none it is refused, and the program ends with 2. */
export function scenariosNamed(names: readonly string[]): readonly Scenario[] {
  const found = names.map((name) => scenarios.find((scenario) => scenario.name === name) ?? name)
  const unknown = found.find((of) => typeof of === 'string')
  if (unknown !== undefined) {
    const known = scenarios.map(({ name }) => name).join(', ')
    process.stderr.write(`a scenario must be one of ${known}: got ${unknown}\n`)
    process.exit(2)
  }
  return found.filter((of) => typeof of !== 'string')
}
