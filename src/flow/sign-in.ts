import type { SignInOptions } from '../api.js'
import { AuthError } from '../errors.js'
import type { Session, Start, StartRequest } from '../types.js'
import type { FlowKit } from './flow.js'
import { idOf } from './landing.js'
import { requireRedirectTo } from './redirect-to.js'
import { leave } from './redirect.js'
import { createId, remember, take } from './transaction.js'

/**
 * Sends the browser to the provider, or answers the URL that would (`redirect: false`). Throws and
 * is not `async`, so that all of it runs in the caller's click when the adapter answers at once.
 */
export function signIn<S extends Session>(
  kit: FlowKit<S>,
  provider: string,
  options: SignInOptions,
): Promise<string> {
  const { env, adapter, debug } = kit
  const { signal } = options
  const request = createRequest(kit, provider, options)
  if (signal?.aborted) throw new AuthError('aborted', 'Aborted by the caller.')

  const go = ({ url, secret }: Start): Promise<string> => {
    const { intent, redirectTo } = request
    // Where the backend had no room for the id, the page it comes back to has to do.
    const id = url.includes(request.id) ? request.id : idOf(request.landing.href)
    const { realm, ttl } = adapter
    const expiresAt = env.Date.now() + ttl
    remember(env, { id, realm, provider, intent, redirectTo, secret, expiresAt })
    debug({ type: 'signIn:start', provider, mode: 'redirect' })
    if (options.redirect === false) return Promise.resolve(url)
    return leave(env, url).catch((error: unknown) => {
      take(env, id)
      throw error
    })
  }

  let started: Start | Promise<Start> | undefined
  const starting = kit.run((io) => (started = adapter.start(request, io)), signal)
  return started && !(started instanceof Promise) ? go(started) : starting.then(go)
}

function createRequest<S extends Session>(
  { env, options }: FlowKit<S>,
  provider: string,
  { redirectTo, scopes, params }: SignInOptions,
): StartRequest {
  if (typeof provider !== 'string' || !/^[a-z\d][\w.:-]{0,63}$/i.test(provider)) {
    throw new AuthError(
      'invalid_provider',
      "A provider is named by letters, digits, '-', '_', '.' and ':', such as 'dribbble'.",
    )
  }
  const { href, origin } = env.location
  const exact = redirectTo !== undefined
  const callback =
    options.callbackURL === undefined ? undefined : new URL(options.callbackURL, origin)
  let target = requireRedirectTo(redirectTo ?? href, origin)
  if (callback?.pathname === new URL(target).pathname) {
    if (exact) {
      throw new AuthError('invalid_redirect', 'redirectTo must not be the callbackURL itself.')
    }
    target = `${origin}/` // trying again from the callback page must not come back to it
  }
  return {
    id: createId(env),
    intent: 'signIn',
    provider,
    landing: callback ?? new URL(target),
    exact,
    redirectTo: target,
    ...(scopes && { scopes }),
    ...(params && { params }),
  }
}
