/** Hours of the day and days of the week as people write them. */

const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** `14:06` of 14.1. */
export function hourText(hours: number): string {
  const minutes = Math.floor(hours * 60) % (24 * 60)
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`
}

/** 0 is Monday. */
export function dayText(day: number): string {
  return days[Math.floor(day) % days.length]
}
