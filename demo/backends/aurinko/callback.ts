import { refuse } from './errors.js'
import { fail, succeed } from './land.js'
import { verify, type Asked, type AurinkoState } from './state.js'
import { identityOf } from './provider.js'

/** `GET /v1/auth/callback`: the provider sent the user here. The cookie is this host's. */
export function callback(request: Request, world: AurinkoState): Response {
  const params = new URL(request.url).searchParams
  const asked = verify<Asked>(params.get('state') ?? '', world.key, world.now())
  if (!asked) return refuse(400, 'state.invalid', 'Too late, or not from here.', world.knobs)
  const error = params.get('error')
  if (error) {
    const description = params.get('error_description') ?? error
    return fail(asked, error, description, world)
  }
  const identity = identityOf(asked.serviceType, params.get('code') ?? '')
  if (!identity) return fail(asked, 'code.invalid', 'The provider sent no code.', world)
  return succeed(asked, identity, world)
}

/** `POST /v1/auth/form`: the user has typed in a server and a password. */
export async function submitForm(request: Request, world: AurinkoState): Promise<Response> {
  const fields = new URLSearchParams(await request.text())
  const asked = verify<Asked>(fields.get('state') ?? '', world.key, world.now())
  if (!asked) return refuse(400, 'state.invalid', 'Too late, or not from here.', world.knobs)
  const email = fields.get('email') ?? ''
  if (fields.get('decision') !== 'allow') {
    return fail(asked, 'access_denied', 'The user denied access.', world)
  }
  if (!email.includes('@')) {
    return fail(asked, 'credentials.invalid', 'The mail server refused the password.', world)
  }
  const serverUrl = fields.get('serverUrl') || asked.serverUrl
  return succeed({ ...asked, serverUrl }, { email, name: email }, world)
}
