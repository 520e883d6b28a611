import { ShoalError } from './errors.ts'

/** What a model may be called: its name stands in topics, in keys of Redis (inside a hash tag) and in folders. */
export const modelNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/

/** The name, or `config.invalid`. */
export function checkModelName(name: string): string {
  if (modelNamePattern.test(name)) return name
  const rule = "1 to 200 letters, digits, '.', '_' or '-', the first a letter or digit"
  throw new ShoalError('config.invalid', `name must be ${rule}: got ${JSON.stringify(name.slice(0, 220))}`)
}
