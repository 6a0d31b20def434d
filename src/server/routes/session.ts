import type { Visit } from '../context.js'
import { json } from '../respond.js'

/** `GET /session`: who is signed in. Expired, tampered and absent all look the same. */
export async function getSession({ sessions, jar, cookies }: Visit): Promise<Response> {
  const found = await sessions.renew(jar, cookies.get(jar.session))
  if (!found) {
    // Only what was sent: an anonymous answer may be overtaken by a sign-in, whose cookie is newer.
    const clear = cookies.has(jar.session) ? [sessions.clear(jar)] : []
    return json({ success: false, session: null }, 401, clear)
  }
  return json(
    { success: true, session: found.session },
    200,
    found.cookie === null ? [] : [found.cookie],
  )
}
