/**
 * What `/` answers to whoever has no token: a page in one piece, because no file is to be had without one. Its script and
 * style are inline, and the policy names them by their hashes, so that no other would run.
 */
import { createHash } from 'node:crypto'
import { pageHeaders } from './policy.ts'

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#fafaf8, #101416); color: light-dark(#1b2226, #e8ecee); }
main { width: min(21rem, 86vw); }
h1 { font-size: 1.5rem; font-weight: 600; margin: 0 0 .25rem; }
p { margin: .25rem 0 1.25rem; color: light-dark(#56626a, #9aa7af); }
p:empty { display: none; }
[role=alert] { color: light-dark(#a61b1b, #ff9c93); margin: .75rem 0 0; }
label { display: block; font-size: .875rem; margin-bottom: .25rem; }
input, button { box-sizing: border-box; width: 100%; font: inherit; padding: .5rem .75rem; border-radius: 6px; border: 1px solid light-dark(#8b979e, #66737b); background: transparent; color: inherit; }
button { margin-top: .75rem; border: 0; background: light-dark(#0a6590, #5cb8e6); color: light-dark(#fff, #08131a); font-weight: 600; cursor: pointer; }
:focus-visible { outline: 2px solid light-dark(#0a6590, #5cb8e6); outline-offset: 2px; }
`

const script = `
const form = document.querySelector('form'), said = document.querySelector('[role=alert]')
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  said.textContent = ''
  const body = JSON.stringify({ token: form.elements.token.value })
  try {
    const answer = await fetch('v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    if (answer.ok) return location.reload()
    const problem = await answer.json().catch(() => ({}))
    said.textContent = (problem.detail || 'The answer was ' + answer.status) + '.'
  } catch {
    said.textContent = 'Shoal does not answer.'
  }
  form.elements.token.select()
})
`

export const signInHeaders = pageHeaders({ script: hashOf(script), style: hashOf(style) })

export const signInPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Shoal</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Shoal</h1>
<p>This needs a token. <code>shoal token</code> makes one.</p>
<form>
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Sign in</button>
<p role="alert"></p>
</form>
</main>
<script>${script}</script>
</body>
</html>
`

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
