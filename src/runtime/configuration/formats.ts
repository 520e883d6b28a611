/** The formats that values of several keys share, each with the rule that a violation states. */
import { z } from 'zod'

/** Longest delay that a timer takes, in ms (24.8 days): a longer one would fire at once. */
const maxTimerMs = 2_147_483_647
/** Ten years, in ms. */
const maxAgeMs = 315_360_000_000

export const text = (maxCharacters = 1024) => printable(z.string().min(1).max(maxCharacters))

/** A refinement, because a pattern with a class of characters means something else without its flag. */
const printable = (schema: z.ZodString) =>
  schema.refine((value) => !/\p{Cc}/u.test(value), { error: 'must not hold control characters' })

/** A duration that a timer waits for. */
export const timerMs = (min: number, max = maxTimerMs) => z.int().min(min).max(max)

/** An age that is compared, never waited for. */
export const ageMs = (min: number) => z.int().min(min).max(maxAgeMs)

/** A path to a file, relative to the folder of the configuration file. */
export const filePath = () => text(4096).nullable().default(null)

/** A secret in the file itself (or by `${ENV}`): its value is never printed. `writeOnly` is JSON Schema's word for it. */
export const secretText = () => text(65536).nullable().default(null)

export const fieldPath = () =>
  printable(
    z
      .string()
      .max(256)
      .regex(/^[^.]+(\.[^.]+)*$/, { error: "must be a field name, or names joined by '.'" }),
  )

export const topicName = () =>
  z
    .string()
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, { error: "must be 1 to 249 letters, digits, '.', '_' or '-'" })

const hostPortPattern = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?):([0-9]{1,5})$/

/** `host:port`, or `[address]:port` for IPv6. */
export const hostPort = () =>
  z
    .string()
    .refine(isHostPort, { error: 'must be host:port, the port 1 to 65535' })
    .meta({ pattern: hostPortPattern.source })

function isHostPort(value: string): boolean {
  const port = Number(hostPortPattern.exec(value)?.[3] ?? 0)
  return port >= 1 && port <= 65535
}

/** A URL with one of the given schemes and a host. */
export const urlOf = (...schemes: readonly string[]) =>
  z
    .string()
    .max(2048)
    .refine((value) => isUrl(value, schemes), {
      error: `must be a URL that starts with ${schemes.map((s) => `${s}://`).join(' or ')}`,
    })
    .meta({ format: 'uri' })

function isUrl(value: string, schemes: readonly string[]): boolean {
  if (!URL.canParse(value) || !schemes.some((scheme) => value.toLowerCase().startsWith(`${scheme}://`))) return false
  const { hostname, username, password } = new URL(value)
  return hostname !== '' && isPercentEncoded(username) && isPercentEncoded(password)
}

function isPercentEncoded(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text)
}
