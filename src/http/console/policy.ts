/** What a browser may do with a page of Shoal: nothing but what it needs (Content Security Policy, level 3). */

/** Of a page whose scripts and styles are files beside it, or inline ones with these hashes. */
export function pageHeaders(
  inline: { readonly script: string; readonly style: string } | null,
): Record<string, string> {
  const of = (hash: string | undefined) => (hash === undefined ? "'self'" : `'sha256-${hash}'`)
  const policy = [
    "default-src 'none'",
    `script-src ${of(inline?.script)}`,
    `style-src ${of(inline?.style)}`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }
}
