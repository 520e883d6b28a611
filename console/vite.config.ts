/** How the console is built: one page, hashed files, nothing inlined, so that the strictest policy can serve it. */
import { join } from 'node:path'
import type { InlineConfig } from 'vite'

const root = import.meta.dirname

/** `outDir` is emptied first. */
export function consoleBuild(outDir: string): InlineConfig {
  return {
    root,
    configFile: false,
    base: './',
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: false,
      // What light-dark() and nesting need: browsers of 2024.
      target: ['chrome123', 'firefox121', 'safari17.5'],
      reportCompressedSize: false,
      rolldownOptions: { input: join(root, 'index.html') },
    },
  }
}
