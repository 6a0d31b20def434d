import { describe, expect, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { Session } from '../../src/types.js'
import { json } from '../aura-server.js'
import { deferred, settle } from '../rig.js'
import { codeBackend, grace } from './code-backend.js'
import { setUp, type CodeScene } from './code-scene.js'
import { outcomeOf } from './popup-scene.js'

interface Landed {
  readonly scene: CodeScene
  readonly auth: AuthClient<Session>
  readonly done: { value?: unknown }
  /** The code is spent only now. */
  readonly answer: () => Promise<void>
}

/** A page that a redirect has come back to, and whose listener hears the other tabs. */
async function landed(): Promise<Landed> {
  const scene = setUp('http://app.test/projects')
  void (await scene.open()).signIn('google')
  const token = deferred<Response>()
  scene.world.network.respond(() => token.promise)
  const page = scene.tab.load(scene.landing(scene.tab.navigations[0]!))
  const auth = scene.create(page)
  auth.session.listen(() => {})
  const answer = async (): Promise<void> => {
    token.resolve(json(grace))
    await settle()
  }
  return { scene, auth, done: outcomeOf(auth.completeSignIn()), answer }
}

/** Signs out in another tab of the same app. */
async function signOutElsewhere({ world }: CodeScene): Promise<void> {
  const { page } = world.tab('http://app.test/')
  const options = { baseURL: 'http://provider.test', fetch: world.network.fetch }
  await createClient(options, codeBackend(), page).signOut()
  await settle()
}

describe('a redirect whose code is being spent', () => {
  it('signs in when nobody signs out', async () => {
    const { scene, auth, answer } = await landed()
    await settle()
    expect(scene.exchanges()).toBe(1)
    await answer()
    expect(auth.session.value.data?.user.id).toBe('7')
  })

  it.each([
    ['in this tab', async ({ auth }: Landed) => auth.signOut()],
    ['in another tab', async ({ scene }: Landed) => signOutElsewhere(scene)],
  ])('signs in nobody after a sign-out %s', async (_, signOut) => {
    const landing = await landed()
    const { scene, auth, done, answer } = landing
    await settle()
    expect(scene.exchanges()).toBe(1)
    await signOut(landing)
    await answer()
    expect(done.value).toMatchObject({ code: 'superseded' })
    expect(auth.session.value).toMatchObject({ status: 'unauthenticated', data: null })
  })

  it('signs in nobody after a sign-out elsewhere while its own code was loading', async () => {
    const { scene, auth, done, answer } = await landed()
    // What the channel brings before anything else of this page has run.
    await Promise.resolve()
    const elsewhere = new scene.tab.page.BroadcastChannel!('latchkey:http://provider.test')
    elsewhere.postMessage({ session: null })
    elsewhere.close()
    expect(scene.exchanges()).toBe(0)
    await settle()
    await answer()
    expect(done.value).toMatchObject({ code: 'superseded' })
    expect(auth.session.value).toMatchObject({ status: 'unauthenticated', data: null })
  })
})

describe('a popup that is still open', () => {
  it('outlives a sign-out in another tab: who finishes in it does so after that', async () => {
    const scene = setUp('http://app.test/projects')
    const auth = await scene.open()
    auth.session.listen(() => {})
    await settle()
    const done = outcomeOf(auth.signIn('google', { popup: true }))
    await signOutElsewhere(scene)
    expect(scene.tab.popups[0]!.closed()).toBe(false)
    scene.create(scene.tab.popups[0]!.land(scene.landing(scene.tab.popups[0]!.urls[0]!)))
    await scene.world.clock.advance(1_000)
    expect(done.value).toMatchObject({ user: { id: '7' } })
  })
})
