import { afterAll, beforeAll, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { APP, forward, setUp, startProvider, type Scene } from './scene.js'

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider({ afterSignOut: [`${APP}/bye`] })
})
afterAll(async () => provider.close())

/** Everything that somebody else could read, as text. */
function readable(scene: Scene, told: unknown[]): string {
  const { world, tab, events } = scene
  const urls = world.network.requests.map(({ url }) => url)
  return [
    ...urls,
    ...tab.navigations,
    ...tab.popups.flatMap((popup) => popup.urls),
    tab.page.location.href,
    ...tab.storage.values(),
    ...world.local.of(APP).values(),
    JSON.stringify(world.channels.posted),
    ...[...events, ...told].map((value) => deeply(value)),
  ].join('\n')
}

/** Errors with all they carry, which JSON leaves out. */
function deeply(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Error
      ? Object.fromEntries(
          Object.getOwnPropertyNames(inner).map((name) => [name, inner[name as 'name']]),
        )
      : inner instanceof Response
        ? 'a Response'
        : inner,
  )
}

test('no token is in a URL, a message, a storage, a log, an error or a session', async () => {
  const scene = setUp(provider)
  const told: unknown[] = []
  const options = {
    oidc: { origins: [provider.issuer], userinfo: true, signOut: 'provider' },
  } as const
  const auth = await scene.signIn(options)
  auth.session.listen((state) => told.push(state))
  told.push(auth.session.value, await auth.getSession({ fresh: true }))
  await auth.fetch(`${provider.issuer}/me`)
  scene.world.clock.jump(300_001)
  await auth.getAccessToken()
  told.push(auth.session.value)

  const popping = auth.signIn('provider', { popup: true })
  const popup = scene.tab.popups[0]!
  while (popup.urls.length === 0) await new Promise((go) => setImmediate(go))
  scene.create(options, popup.land(await scene.user.visit(popup.urls[0]!, APP)))
  told.push(await popping)

  // Failures too: an answer that is not what it should be, with tokens in it.
  const { respond } = scene.world.network
  respond(async (request, { body }) => {
    const response = await forward(request, body)
    const answer = (await response.json()) as object
    for (const [, token] of JSON.stringify(answer).matchAll(/"\w+_token":"([^"]+)"/g)) {
      scene.tokens().push(token!)
    }
    return Response.json({ ...answer, token_type: 'mac' }, { status: response.status })
  })
  scene.world.clock.jump(300_001)
  told.push(await auth.getAccessToken().catch((error: unknown) => error))
  told.push(await auth.refetch({ fresh: true }))
  told.push(await auth.signOut({ redirectTo: '/bye' }))

  const tokens = scene.tokens()
  expect(tokens.length).toBeGreaterThan(9)
  const text = readable(scene, told)
  expect(text.length).toBeGreaterThan(5_000)
  expect(tokens.filter((token) => text.includes(token))).toEqual([])
  // Nor any code or verifier, once it is over.
  expect(text).not.toMatch(/code_verifier|"verifier"/)
})
