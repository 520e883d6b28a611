import { cards } from './cards.ts'
import { mixtures } from './mixtures.ts'
import type { Scenario } from './planted.ts'

export const scenarios: readonly Scenario[] = [...mixtures, ...cards]
