/** Which pictures there are, by the name of their file. */
import { keptIds } from './kept-ids.ts'
import { remotenessOverTime } from './remoteness.ts'

export const pictures: Readonly<Record<string, () => Promise<string>>> = {
  'kept-ids': keptIds,
  remoteness: remotenessOverTime,
}
