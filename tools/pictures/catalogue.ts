/** Which pictures docs/ has, by the name of their file. */
import { budgetAfterShift } from './budget.ts'
import { chooseK } from './choose-k.ts'
import { driftCycle } from './drift-cycle.ts'
import { driftKinds } from './drift-kinds.ts'
import { driftShift } from './drift-shift.ts'
import { explanation } from './explanation.ts'
import { keptIds } from './kept-ids.ts'
import { remotenessOverTime } from './remoteness.ts'

export const pictures: Readonly<Record<string, () => Promise<string>>> = {
  'choose-k': chooseK,
  'kept-ids': keptIds,
  remoteness: remotenessOverTime,
  explanation,
  budget: budgetAfterShift,
  'drift-shift': driftShift,
  'drift-kinds': driftKinds,
  'drift-cycle': driftCycle,
}
