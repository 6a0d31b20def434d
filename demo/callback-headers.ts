/**
 * What `callback.html` is served with, here and in production: nothing runs on it but the one script
 * of this origin, nobody frames it, and what it was reached with is kept and passed on by nobody.
 * No `Cross-Origin-Opener-Policy`: it would cut the page off from the one that opened it.
 */
export const callbackHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const
