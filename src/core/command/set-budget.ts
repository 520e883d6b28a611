/** What else changes with the share that may be called anomalous. */
import { scaleCalled } from '../drift/segments.ts'
import type { Model } from '../model/model.ts'

/**
 * From here on this share may be called anomalous (IN and OUT: `model`). Rarities stay what they are: the line is drawn
 * elsewhere among them, and what keeps the share to the budget moves on from there. What had been called by segment is
 * counted as if by the new budget, so that no segment seems to have changed.
 */
export function setBudget(model: Model, budget: number): void {
  const { control, drift } = model
  const ratio = budget / control.budget
  control.budget = budget
  const { window, sums, reference, candidate, former, phases } = drift
  for (const { segments } of [window, ...sums, reference, candidate, ...former, ...phases]) scaleCalled(segments, ratio)
}
