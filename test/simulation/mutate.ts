/**
 * Makes one mutation when the product's sources are loaded, with `node:module`'s hooks. What the oracle imports is loaded a
 * second time, as it is: who judges must not have the bug that is judged.
 */
import { registerHooks } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mutation } from './mutation.ts'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const asItIs = '?as-it-is'

export function mutate(mutation: Mutation): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      const parent = context.parentURL ?? ''
      const ofOracle = parent.includes('/test/simulation/oracle/') || parent.endsWith(asItIs)
      return ofOracle && isProduct(resolved.url) ? { ...resolved, url: resolved.url + asItIs } : resolved
    },
    load(url, context, next) {
      const loaded = next(url, context)
      if (!isProduct(url) || url.endsWith(asItIs)) return loaded
      const edits = mutation.edits.filter(({ file }) => file === pathOf(url))
      if (edits.length === 0) return loaded
      const source = edits.reduce((text, { find, replace }) => text.replace(find, () => replace), String(loaded.source))
      return { ...loaded, source }
    },
  })
}

function isProduct(url: string): boolean {
  return url.startsWith('file:') && pathOf(url).startsWith('src/')
}

function pathOf(url: string): string {
  return relative(root, fileURLToPath(url.split('?')[0]))
}
