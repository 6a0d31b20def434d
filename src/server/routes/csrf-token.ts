import type { Visit } from '../context.js'
import { json } from '../respond.js'

/** `GET /csrfToken`: the token that writes have to send back; the same one while it is good. */
export async function getCsrfToken({ csrf, jar, cookies }: Visit): Promise<Response> {
  const known = cookies.get(jar.csrf)
  const csrfToken = known !== undefined && (await csrf.verify(known)) ? known : await csrf.create()
  return json({ csrfToken }, 200, [csrf.write(jar, csrfToken)])
}
