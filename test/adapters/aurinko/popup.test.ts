import { describe, expect, it } from 'vitest'

import type { AurinkoSession } from '../../../src/adapters/aurinko/index.js'
import type { PopupWindow } from '../../rig.js'
import { API, APP, asked, outcome, setUp, signedIn, type Client, type Scene } from './scene.js'

interface Popup {
  readonly scene: Scene
  readonly auth: Client
  readonly window: PopupWindow
  readonly done: Promise<unknown>
}

const openPopup = async (
  how: Parameters<typeof setUp>[0] = {},
  service = 'Google',
): Promise<Popup> => {
  const scene = setUp(how)
  const auth = await scene.open()
  await auth.refetch()
  scene.forget()
  const done = outcome(auth.signIn(service, { popup: true, scopes: ['Mail.Read'] }))
  return { scene, auth, window: scene.tab.popups[0]!, done }
}

/** The page that the popup lands on, with a client of its own. */
const land = async ({ scene, window }: Popup, answer?: 'allow' | 'deny'): Promise<void> => {
  const url = await scene.travel(window.urls[0]!, answer)
  scene.create({}, {}, window.land(url))
  await scene.world.clock.advance(1_000)
}

describe('a popup', () => {
  it('hands its landing over, and one request says who it is', async () => {
    const popup = await openPopup()
    await land(popup)
    expect(await popup.done).toMatchObject({ user: { name: 'Ada Winter' } })
    expect(popup.window.closed()).toBe(true)
    // The second is of the popup's own page, which cannot know that it is going to close.
    expect(asked(popup.scene)).toEqual(['GET /v1/user', 'GET /v1/user'])
  })

  it('does so when the provider has cut it off', async () => {
    const popup = await openPopup()
    popup.window.sever()
    await land(popup)
    expect(await popup.done).toMatchObject({ user: { name: 'Ada Winter' } })
  })

  it.each(['details', 'error', 'errorCode', 'bare'] as const)(
    'that is refused in the shape “%s” says so, with state and without',
    async (failureShape) => {
      for (const stateOnFailure of [true, false]) {
        const popup = await openPopup({ knobs: { failureShape, stateOnFailure } })
        await land(popup, 'deny')
        expect(await popup.done).toMatchObject({ source: 'provider', name: 'AuthError' })
        expect(popup.window.closed()).toBe(true)
        expect(popup.scene.world.channels.open()).toBe(0)
      }
    },
  )

  it('stays open while a form of Aurinko’s on this origin is filled in', async () => {
    const popup = await openPopup({}, 'IMAP')
    await popup.scene.world.clock.advance(60_000)
    expect(popup.window.closed()).toBe(false)
    await land(popup)
    expect(await popup.done).toMatchObject({ user: { email: 'ada@imap.example' } })
  })

  it('without a cookie in reach says what has to be set up', async () => {
    const popup = await openPopup({ knobs: { cookieHost: 'api' } })
    await land(popup)
    expect(await popup.done).toMatchObject({ code: 'cookie_blocked' })
    expect(String(await popup.done)).toContain('/v1/*')
  })
})

describe('an error that Aurinko shows and does not send back', () => {
  const refused = { code: 'returnurl.invalid', message: 'No such URL.', requestId: 'r-1' }

  it('on another origin ends when the user closes the popup, and leaks nothing', async () => {
    const popup = await openPopup({ how: { baseURL: API }, knobs: { cors: [APP] } })
    await popup.scene.world.clock.advance(60_000)
    popup.window.closeByUser()
    await popup.scene.world.clock.advance(6_000)
    expect(await popup.done).toMatchObject({ code: 'popup_closed' })
    popup.auth.dispose()
    const { world, tab } = popup.scene
    expect([world.channels.open(), world.clock.pending(), tab.storage.size]).toEqual([0, 0, 0])
  })

  it('is read on this one', async () => {
    const popup = await openPopup()
    popup.window.show(popup.window.urls[0]!, JSON.stringify(refused, null, 2))
    await popup.scene.world.clock.advance(1_000)
    expect(await popup.done).toMatchObject({ ...refused, source: 'provider' })
    expect(popup.window.closed()).toBe(true)
  })

  it.each(['flat', 'nested', 'original'] as const)(
    'is read as the stand-in says it, in the shape “%s”, whatever its status',
    async (errorShape) => {
      for (const returnUrlStatus of [200, 400, 422]) {
        const knobs = { errorShape, returnUrlStatus }
        const popup = await openPopup({ how: { callbackURL: '/unregistered' }, knobs })
        const shown = await popup.scene.aurinko.api(new Request(popup.window.urls[0]!))
        expect(shown.status).toBe(returnUrlStatus)
        popup.window.show(popup.window.urls[0]!, `Pretty-print\n${await shown.text()}`)
        await popup.scene.world.clock.advance(1_000)
        expect(await popup.done).toMatchObject({
          code: 'returnurl.invalid',
          requestId: expect.stringMatching(/^[\da-f-]{36}$/) as string,
        })
      }
    },
  )
})

describe('a popup that stays at Aurinko', () => {
  /** It has signed in, and posts this. */
  const wake = async (popup: Popup, origin: string): Promise<void> => {
    popup.scene.tab.page.dispatch('message', { origin, data: { status: 'ok' }, source: null })
    await popup.scene.world.clock.advance(100)
  }
  const elsewhere = { how: { baseURL: API }, knobs: { popupMessage: { status: 'ok' } } } as const

  it('is asked about at its word, of which nothing is believed', async () => {
    const popup = await openPopup(elsewhere)
    await wake(popup, API)
    expect(asked(popup.scene)).toEqual(['GET /v1/user'])
    expect(popup.auth.session.value.status).toBe('unauthenticated')
    expect(popup.window.closed()).toBe(false)

    await popup.scene.travel(popup.window.urls[0]!)
    const [cookies] = [popup.scene.jars.get('app.test')!]
    popup.scene.jars.set('api.aurinko.test', cookies) // the callback was this origin's, the API is not
    await wake(popup, API)
    expect(await popup.done).toMatchObject({ user: { name: 'Ada Winter' } })
    expect(popup.window.closed()).toBe(true)
  })

  it('is asked about once more after a hundred words, and not a hundred times', async () => {
    const popup = await openPopup(elsewhere)
    const { page } = popup.scene.tab
    for (let i = 0; i < 100; i += 1) page.dispatch('message', { origin: API, source: null })
    await popup.scene.world.clock.advance(100)
    expect(asked(popup.scene)).toHaveLength(2)
  })

  it.each(['https://evil.test', 'http://provider.test', APP, 'null'])(
    'is not asked about at the word of %s',
    async (origin) => {
      const popup = await openPopup(elsewhere)
      await wake(popup, origin)
      expect(asked(popup.scene)).toEqual([])
      popup.auth.dispose()
      expect(popup.scene.tab.page.listeners()).toBe(0)
    },
  )

  it('needs no word on this origin', async () => {
    const popup = await openPopup({ knobs: { popupMessage: 'done' } })
    const last = await popup.scene.travel(popup.window.urls[0]!)
    expect(new URL(last).pathname).toBe('/v1/auth/callback')
    popup.window.show(last, 'Done. You can close this window.')
    await popup.scene.world.clock.advance(1_000)
    expect(await popup.done).toMatchObject({ user: { name: 'Ada Winter' } })
  })
})

describe('linking in a popup', () => {
  it('updates the session object, and what did not change stays the same object', async () => {
    const [scene, auth] = await signedIn()
    const { user } = auth.session.value.data!
    const told: unknown[] = []
    auth.session.listen((state) => void told.push(state.data))
    await scene.world.clock.advance(1)
    scene.forget()
    const linking = auth.linkAccount('Office365', { popup: true })
    await scene.world.clock.advance(1)
    const window = scene.tab.popups[0]!
    const url = await scene.travel(window.urls.at(-1)!)
    scene.create({}, {}, window.land(url))
    await scene.world.clock.advance(1_000)
    const session = (await linking) as AurinkoSession
    expect(session.accounts.map(({ service }) => service)).toEqual(['Office365', 'Google'])
    expect(session.user).toBe(user)
    expect(told).toEqual([session])
  })

  it('opens in the click, although a page that is signed in has loaded nothing for it', async () => {
    const scene = setUp()
    const auth = scene.create({}, { session: { initial: null } })
    expect(auth.session.value.status).toBe('unauthenticated')
    const [, signed] = await signedIn()
    const data = signed.session.value.data!
    const known = scene.create({}, { session: { initial: data } })
    void known.linkAccount('Office365', { popup: true })
    expect(scene.tab.popups).toHaveLength(1)
    await scene.world.clock.advance(1)
    expect(scene.tab.popups[0]?.urls.at(-1)).toContain('accountRole=secondary')
  })

  it('twice at once is one popup, and another account another', async () => {
    const [scene, auth] = await signedIn()
    const first = outcome(auth.linkAccount('Office365', { popup: true }))
    void auth.linkAccount('Office365', { popup: true })
    expect(scene.tab.popups).toHaveLength(1)
    void auth.linkAccount('Hubspot', { popup: true })
    expect(await first).toMatchObject({ code: 'superseded' })
  })
})
