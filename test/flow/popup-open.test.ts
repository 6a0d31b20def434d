import { describe, expect, it } from 'vitest'

import { settle } from '../rig.js'
import { outcomeOf, setUp } from './popup-scene.js'

describe('opening', () => {
  it('happens in the click, straight on the provider’s way, under a name nobody can know', async () => {
    const { world, tab, auth, popup } = await setUp()
    void auth.signIn('dribbble', { popup: true })
    expect(tab.popups).toHaveLength(1)
    expect(popup().urls).toHaveLength(1)
    expect(popup().urls[0]).toMatch(/^http:\/\/app\.test\/auth\/signIn\/dribbble\?redirectTo=/)
    expect(popup().name).toMatch(/^[\w-]{22}$/)
    expect(popup().features).toBe('popup,width=480,height=640,left=400,top=80')
    expect(world.network.requests).toHaveLength(0)
    expect(tab.navigations).toHaveLength(0)
  })

  it('happens in the click even when the code for it has not arrived', async () => {
    const { world, tab, create } = await setUp()
    const auth = create(tab.page)
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    expect(tab.popups).toHaveLength(1)
    expect(tab.popups[0]!.urls).toHaveLength(0)
    await auth.prepare()
    await settle()
    expect(tab.popups).toHaveLength(1)
    expect(tab.popups[0]!.urls[0]).toContain('/auth/signIn/dribbble')
    tab.popups[0]!.closeByUser()
    await world.clock.advance(2000)
    expect(done.value).toMatchObject({ code: 'popup_closed' })
  })

  it('happens once, however fast the clicks', async () => {
    const { tab, create } = await setUp()
    const auth = create(tab.page)
    void auth.signIn('dribbble', { popup: true })
    void auth.signIn('dribbble', { popup: true })
    await auth.prepare()
    await settle()
    expect(tab.popups.map((popup) => popup.closed())).toEqual([false, true])
    expect(tab.popups[0]!.urls).toHaveLength(1)
  })

  it('never closes the page itself, where open() answers that (Android)', async () => {
    const { tab, create } = await setUp()
    let closed = 0
    Object.assign(tab.page, { close: () => (closed += 1) })
    tab.blockPopups(() => tab.page)
    const auth = create(tab.page)
    await expect(auth.signIn('dribbble', { popup: { fallback: 'none' } })).rejects.toMatchObject({
      code: 'popup_blocked',
    })
    expect(closed).toBe(0)
  })

  it('that the user takes back before the code has arrived is a close, and no redirect', async () => {
    const { tab, create } = await setUp()
    const auth = create(tab.page)
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    tab.popups[0]!.closeByUser()
    await auth.prepare()
    await settle()
    expect(done.value).toMatchObject({ code: 'popup_closed' })
    expect(tab.navigations).toEqual([])
    expect(tab.popups).toHaveLength(1)
  })

  it('comes to nothing when the client ends before the code has arrived', async () => {
    const { world, tab, create } = await setUp()
    const auth = create(tab.page)
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    auth.dispose()
    await auth.prepare()
    await settle()
    expect(done.value).toMatchObject({ code: 'aborted' })
    expect(tab.popups[0]!.urls).toEqual([])
    expect(tab.storage.size + world.channels.open() + world.clock.pending()).toBe(0)
  })

  it('leaves no blank window behind when the input turns out to be bad', async () => {
    const { tab, create } = await setUp()
    const auth = create(tab.page)
    const done = outcomeOf(auth.signIn('dribbble', { popup: true, redirectTo: '//evil.com' }))
    expect(tab.popups).toHaveLength(1)
    await auth.prepare()
    await settle()
    expect(done.value).toMatchObject({ code: 'invalid_redirect' })
    expect(tab.popups[0]!.closed()).toBe(true)
  })

  it('never uses a name twice, nor one that could be guessed: 1,000 of them', async () => {
    const { tab, auth } = await setUp()
    for (let count = 0; count < 1000; count += 1) {
      void auth.signIn(`p${count}`, { popup: true }).catch(() => null)
    }
    const names = new Set(tab.popups.map(({ name }) => name))
    expect(names.size).toBe(1000)
    for (const name of names) expect(name).toMatch(/^[\w-]{22}$/)
    expect(tab.storage.size).toBe(2)
  })

  it('takes a size, and a second screen to the left', async () => {
    const { tab, auth, popup } = await setUp()
    Object.assign(tab.page, { screenX: -1920, outerWidth: 1920 })
    void auth.signIn('dribbble', { popup: { width: 501, height: 701 } })
    expect(popup().features).toBe('popup,width=501,height=701,left=-1210,top=50')
  })

  it('comes back to the callback page where there is one, else to the page that started', async () => {
    const plain = await setUp()
    void plain.auth.signIn('dribbble', { popup: true, redirectTo: '/elsewhere' })
    expect(plain.landing()).toMatch(/^http:\/\/app\.test\/projects\?q=1&latchkey=[\w-]{22}$/)
    const callback = await setUp({ callbackURL: '/callback.html' })
    void callback.auth.signIn('dribbble', { popup: true, redirectTo: '/elsewhere' })
    expect(callback.landing()).toMatch(/^http:\/\/app\.test\/callback\.html\?latchkey=[\w-]{22}$/)
  })

  it('never happens for bad input', async () => {
    const { tab, auth } = await setUp()
    for (const [provider, options, code] of [
      ['../x', {}, 'invalid_provider'],
      ['dribbble', { redirectTo: 'https://evil.com' }, 'invalid_redirect'],
      ['dribbble', { signal: AbortSignal.abort() }, 'aborted'],
    ] as const) {
      await expect(auth.signIn(provider, { popup: true, ...options })).rejects.toMatchObject({
        code,
      })
    }
    expect(tab.popups).toHaveLength(0)
    expect(tab.navigations).toHaveLength(0)
  })

  it.each([
    ['null', () => null],
    ['undefined', () => undefined],
    ['a closed window', () => ({ closed: true })],
    [
      'an exception',
      () => {
        throw new Error('blocked')
      },
    ],
  ])('that is blocked becomes a redirect in the same click: %s', async (_, answer) => {
    const { tab, auth } = await setUp()
    tab.blockPopups(answer)
    void auth.signIn('dribbble', { popup: true, redirectTo: '/dashboard' })
    expect(tab.navigations).toHaveLength(1)
    expect(decodeURIComponent(tab.navigations[0]!)).toMatch(/redirectTo=\/dashboard\?latchkey=/)
    expect(tab.storage.size).toBe(1)
  })

  it('that answers this very window (Android) becomes a redirect', async () => {
    const { tab, auth } = await setUp()
    tab.blockPopups(() => tab.page)
    void auth.signIn('dribbble', { popup: true })
    expect(tab.navigations).toHaveLength(1)
  })

  it('that is blocked rejects where no redirect is wanted or allowed', async () => {
    const { tab, auth } = await setUp()
    tab.blockPopups(() => null)
    await expect(auth.signIn('dribbble', { popup: { fallback: 'none' } })).rejects.toMatchObject({
      code: 'popup_blocked',
    })
    Object.defineProperty(tab.page, 'top', {
      get: () => ({
        get location() {
          throw new DOMException('cross-origin')
        },
      }),
    })
    await expect(auth.signIn('dribbble', { popup: true })).rejects.toMatchObject({
      code: 'popup_blocked',
    })
    expect(tab.navigations).toHaveLength(0)
    expect(tab.storage.size).toBe(0)
  })
})
