/** A feature's value as a person reads it: four digits are enough to know it by. */
export function valueText(value: number | string | null): string {
  if (value === null) return 'none'
  return typeof value === 'string' ? value : String(Number(value.toPrecision(4)))
}
