/** The image's HEALTHCHECK: whether the process answers that it lives. Docker has no probe of its own, and there is no curl. */
const port = process.env.SHOAL_HTTP_PORT || '9404'
const answer = await fetch(`http://127.0.0.1:${port}/health/live`, { signal: AbortSignal.timeout(2_500) }).catch(
  (error) => ({ ok: false, text: async () => String(error.cause?.code ?? error.message) }),
)
if (!answer.ok) console.error(await answer.text())
process.exit(answer.ok ? 0 : 1)
