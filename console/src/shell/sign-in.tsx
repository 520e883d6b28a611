/** Asks for a token when the API does: the page that was open when a session ended goes on where it was. */
import { useState } from 'preact/hooks'
import { ApiProblem, postJson } from '../api/request.ts'

export function SignIn({ onDone }: { readonly onDone: () => void }) {
  const [token, setToken] = useState('')
  const [said, say] = useState('')
  const submit = async (event: Event) => {
    event.preventDefault()
    try {
      await postJson('v1/session', { token })
      onDone()
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error
      say(`${error.message}.`)
    }
  }
  return (
    <main class="sign-in">
      <h1>Shoal</h1>
      <form onSubmit={submit}>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          required
          value={token}
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
        <button type="submit" class="main">
          Sign in
        </button>
        <p role="alert">{said}</p>
      </form>
    </main>
  )
}
