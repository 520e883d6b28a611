/** Distance on a sphere of 6,371 km by the haversine formula (Sinnott 1984), which is exact for near points too. */

/** Kilometres between two positions in degrees. */
export function greatCircleKm(latitude: number, longitude: number, toLatitude: number, toLongitude: number): number {
  const radians = Math.PI / 180
  const half = Math.sin(((toLatitude - latitude) * radians) / 2)
  const across = Math.sin(((toLongitude - longitude) * radians) / 2)
  const cosines = Math.cos(latitude * radians) * Math.cos(toLatitude * radians)
  // Rounding may bring antipodes above 1.
  return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(half * half + cosines * across * across)))
}
