import type { Visit } from '../context.js'
import { checkRedirectTo } from '../redirect-to.js'
import { json, redirect, refuse } from '../respond.js'
import { readFlag, unprocessable } from './query.js'
import { defaultTarget, invalidRedirect } from './sign-in.js'

const failed = { success: false, redirect: false, redirectURL: null }

/** `POST /signOut?token_type_hint=session_token`: ends the session in this browser. */
export async function signOut(visit: Visit): Promise<Response> {
  const { request, url, origin, trusted, jar, cookies, csrf, sessions } = visit
  if (url.searchParams.get('token_type_hint') !== 'session_token')
    return unprocessable('token_type_hint', 'token_type_hint must be session_token.')
  const wantsRedirect = readFlag(url.searchParams.get('redirect'))
  if (wantsRedirect === null) return unprocessable('redirect', 'redirect must be true or false.')
  const asked = url.searchParams.get('redirectTo')
  const target = asked === null ? defaultTarget(visit) : checkRedirectTo(asked, origin, trusted)
  if (target === null) return refuse(invalidRedirect)

  if (!(await csrf.check(cookies.get(jar.csrf), request.headers.get('x-csrf-token'))))
    return json(failed, 403)
  const ended = [sessions.clear(jar), csrf.clear(jar)]
  if (!(await sessions.read(cookies.get(jar.session)))) return json(failed, 401, ended)

  // Aura Auth's rule: a start page that nobody asked for is nowhere to go.
  const redirectURL = asked === null && target === '/' ? null : target
  if (!wantsRedirect || redirectURL === null)
    return json({ success: true, redirect: false, redirectURL }, 202, ended)
  return redirect(redirectURL, { success: true, redirect: true, redirectURL: null }, ended)
}
