import { generateRandomCodeVerifier, generateRandomState } from 'oauth4webapi'

import type { Visit } from '../context.js'
import { authorizationURL } from '../exchange.js'
import { checkRedirectTo, withError } from '../redirect-to.js'
import { json, redirect, refuse, refusePage, type Refusal } from '../respond.js'
import { readFlag, unprocessable } from './query.js'

const unknownProvider: Refusal = {
  status: 422,
  type: 'VALIDATION',
  code: 'UNPROCESSABLE_ENTITY',
  error: 'unknown_provider',
  message: 'This way to sign in does not exist here.',
  details: { oauth: { code: 'invalid', message: 'Unknown provider.' } },
}

/** A `redirectTo` that leads elsewhere. Shared with the callback, which checks it again. */
export const invalidRedirect: Refusal = {
  status: 400,
  type: 'VALIDATION',
  code: 'INVALID_REDIRECT',
  error: 'invalid_redirect',
  message: 'The page to return to is not part of this app, so nothing was done.',
}

/** `GET /signIn/:oauth`: to the provider, or with `redirect=false` the URL that would go there. */
export async function signIn(visit: Visit, id: string): Promise<Response> {
  const { config, url, origin, jar, cookies, attempts } = visit
  const wantsRedirect = readFlag(url.searchParams.get('redirect'))
  if (wantsRedirect === null) return unprocessable('redirect', 'redirect must be true or false.')
  const asked = url.searchParams.get('redirectTo')
  const redirectTo =
    asked === null ? defaultTarget(visit) : checkRedirectTo(asked, origin, visit.trusted)
  // A page where a browser went; JSON where a script asks.
  const refused = (refusal: Refusal): Response =>
    wantsRedirect ? refusePage(visit.request, refusal) : refuse(refusal)
  if (redirectTo === null) return refused(invalidRedirect)

  const provider = config.providers.get(id)
  if (!wantsRedirect) {
    if (!provider) return refused(unknownProvider)
    const signInURL = new URL(`${origin}${config.basePath}/signIn/${id}`)
    if (asked !== null) signInURL.searchParams.set('redirectTo', asked)
    return json({ success: true, redirect: false, signInURL: signInURL.href })
  }
  if (!provider) {
    if (asked === null) return refused(unknownProvider)
    return redirect(withError(redirectTo, unknownProvider.error, unknownProvider.message))
  }

  const attempt = {
    provider: id,
    redirectTo,
    redirectURI: `${origin}${config.basePath}/callback/${id}`,
    state: generateRandomState(),
    verifier: generateRandomCodeVerifier(),
    createdAt: config.now(),
  }
  const signInURL = await authorizationURL(provider, attempt)
  return redirect(
    signInURL,
    { success: true, redirect: true, signInURL },
    await attempts.begin(jar, cookies, attempt),
  )
}

/** The page that led here, as far as it can be returned to. */
export function defaultTarget({ request, origin, trusted, config }: Visit): string {
  const referer = request.headers.get('referer')
  const target = referer === null ? null : checkRedirectTo(referer, origin, trusted)
  // Pages of ours are no place to come back to: they would start the next sign-in.
  return target === null || target.startsWith(`${config.basePath}/`) ? '/' : target
}
