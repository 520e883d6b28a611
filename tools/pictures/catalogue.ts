/** Which pictures docs/learning.md has, by the name of their file. */
import { budgetAfterShift } from './budget.ts'
import { chooseK } from './choose-k.ts'
import { explanation } from './explanation.ts'
import { keptIds } from './kept-ids.ts'
import { remotenessOverTime } from './remoteness.ts'

export const pictures: Readonly<Record<string, () => Promise<string>>> = {
  'choose-k': chooseK,
  'kept-ids': keptIds,
  remoteness: remotenessOverTime,
  explanation,
  budget: budgetAfterShift,
}
