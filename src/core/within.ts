/** Whether each value lies from `least` to `most`; what is no number does not. (`every` would make an object of each.) */
export function areWithin(values: Float32Array | Float64Array, least: number, most: number): boolean {
  for (let i = 0; i < values.length; i++) if (!(values[i] >= least && values[i] <= most)) return false
  return true
}
