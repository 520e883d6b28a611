/** Whether markup is whole: every element that is opened is closed, in order, and no text has a bare sign. */

const voids = new Set(['meta', 'br', 'img', 'link', 'input', 'hr'])
const tags = /<(\/?)([a-z][a-z0-9]*)(?:\s+[a-zA-Z][a-zA-Z0-9-]*="[^"<>]*")*>/g

/** What is wrong, or ''. */
export function brokenMarkup(html: string): string {
  const open: string[] = []
  const whole = html.replace(/<style>[^<]*<\/style>/, '').replace('<!doctype html>', '')
  for (const [tag, closing, name] of whole.matchAll(tags)) {
    if (closing === '') {
      if (!voids.has(name)) open.push(name)
      continue
    }
    const expected = open.pop()
    if (expected !== name) return `${tag} where ${expected} is open`
  }
  const bare = /.{0,40}[<>].{0,40}/.exec(whole.replace(tags, ''))
  if (bare !== null) return `a bare sign in ${bare[0]}`
  return open.length > 0 ? `${open.join(' ')} not closed` : ''
}
