import { describe, expect, it, vi } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { Session } from '../../src/types.js'
import { settle } from '../rig.js'
import { setUp, type CodeScene } from './code-scene.js'
import { outcomeOf } from './popup-scene.js'

const home = 'http://app.test/projects'
const options = { callbackURL: '/callback' }

/** A popup at the provider, whose opener has been reloaded meanwhile. */
async function reloaded(): Promise<CodeScene & { landing: () => string }> {
  const scene = setUp(home)
  const auth = await scene.open(options)
  void auth.signIn('google', { popup: true }).catch(() => null)
  await settle()
  scene.tab.page.discard()
  scene.tab.load(home)
  const start = scene.tab.popups[0]!.urls[0]!
  return { ...scene, landing: () => scene.landing(start) }
}

/** A client on the page as it is now, once it has looked for what was left open. */
const resume = async ({ create, tab }: CodeScene): Promise<AuthClient<Session>> => {
  const auth = create(tab.page, options)
  await auth.prepare()
  await vi.dynamicImportSettled()
  return auth
}

const land = async ({
  world,
  tab,
  landing,
}: Awaited<ReturnType<typeof reloaded>>): Promise<void> => {
  const message = { latchkey: tab.popups[0]!.name, landing: landing() }
  tab.page.dispatch('message', {
    origin: 'http://app.test',
    data: message,
    source: { postMessage: () => {} },
  })
  await world.clock.advance(10)
}

describe('a page that was reloaded while its popup was open', () => {
  it('picks the popup up again, and whoever finishes in it is signed in', async () => {
    const scene = await reloaded()
    const auth = await resume(scene)
    await land(scene)
    expect(auth.session.value).toMatchObject({ data: { user: { id: '7' } } })
    const { verifier } = JSON.parse(scene.world.network.requests[0]!.body) as { verifier: string }
    expect(verifier).toBe(`verifier of ${scene.tab.popups[0]!.name}`)
    await land(scene)
    expect(scene.exchanges()).toBe(1)
    expect(scene.tab.storage.size + scene.world.channels.open() + scene.world.clock.pending()).toBe(
      0,
    )
  })

  it('answers the popup, which closes then', async () => {
    const scene = await reloaded()
    await resume(scene)
    const popup = scene.world.tab('http://app.test/')
    const heard: unknown[] = []
    const Channel = popup.page.BroadcastChannel!
    const channel = new Channel(`latchkey:${scene.tab.popups[0]!.name}`)
    channel.onmessage = ({ data }) => heard.push(data)
    channel.postMessage({ latchkey: scene.tab.popups[0]!.name, landing: scene.landing() })
    await settle()
    expect(heard).toEqual([{ latchkey: scene.tab.popups[0]!.name, landing: undefined }])
    expect(scene.exchanges()).toBe(1)
    channel.close()
  })

  it('does so in one client, however many there are', async () => {
    const scene = await reloaded()
    const clients = [await resume(scene), await resume(scene)]
    await land(scene)
    expect(scene.exchanges()).toBe(1)
    expect(clients.filter((auth) => auth.session.value.data)).toHaveLength(1)
  })

  it('leaves a popup alone that a client of this very page waits for', async () => {
    const scene = setUp(home)
    const signingIn = (await scene.open(options)).signIn('google', { popup: true })
    const second = await resume(scene)
    const [popup] = scene.tab.popups
    second.dispose()
    await settle()
    expect(scene.tab.storage.has(`latchkey:tx:${popup!.name}`)).toBe(true)
    popup!.sever()
    scene.create(popup!.land(scene.landing(popup!.urls[0]!)), options)
    await scene.world.clock.advance(500)
    expect(await signingIn).toMatchObject({ user: { id: '7' } })
    expect(second.session.value.data).toBe(null)
    expect(scene.exchanges()).toBe(1)
  })

  it('hears a refusal too, and stays as it was', async () => {
    const scene = await reloaded()
    const auth = await resume(scene)
    await land({ ...scene, landing: () => scene.landing().replace('code=', 'error=') })
    expect(auth.session.value.status).toBe('pending')
    expect(scene.events.at(-1)).toMatchObject({ type: 'signIn:failed', error: { code: 'abc' } })
    expect(scene.tab.storage.size).toBe(0)
  })

  it('waits no longer than the page before it would have', async () => {
    const scene = await reloaded()
    await resume(scene)
    await scene.world.clock.advance(600_000)
    expect(scene.world.channels.open()).toBe(0)
    await land(scene)
    expect(scene.exchanges()).toBe(0)
    expect(scene.tab.storage.size).toBe(0)
  })

  it('finds nothing that has expired, and does not look again', async () => {
    const scene = await reloaded()
    scene.world.clock.jump(600_001)
    await resume(scene)
    expect(scene.tab.storage.size).toBe(0)
    expect(scene.world.channels.open()).toBe(0)
  })

  it('hears nothing of it before, and nothing in a popup, which has a copy of the storage', async () => {
    const scene = await reloaded()
    await land(scene)
    expect(scene.exchanges()).toBe(0)
    const second = await resume(scene)
    void second.signIn('github', { popup: true }).catch(() => null)
    const page = scene.tab.popups[1]!.land('http://app.test/somewhere')
    const open = scene.world.channels.open()
    scene.create(page, options)
    await settle()
    expect(scene.world.channels.open()).toBe(open + 1) // for what it may have to hand over itself
    expect([...scene.tab.popups[1]!.storage.keys()].sort()).toEqual([
      'latchkey:open',
      `latchkey:tx:${scene.tab.popups[0]!.name}`,
    ])
  })

  it('forgets the popup with a sign-out', async () => {
    const scene = await reloaded()
    const auth = await resume(scene)
    await auth.signOut()
    expect(scene.world.channels.open()).toBe(0)
    expect(scene.tab.storage.size).toBe(0)
  })
})

describe('a popup that was given up for closed', () => {
  it('may still win over the next one', async () => {
    const scene = setUp(home)
    const auth = await scene.open(options)
    const first = outcomeOf(auth.signIn('google', { popup: true }))
    scene.tab.popups[0]!.sever()
    await scene.world.clock.advance(1000)
    scene.tab.focus(true)
    await scene.world.clock.advance(2000)
    expect(first.value).toMatchObject({ code: 'popup_closed' })

    const second = outcomeOf(auth.signIn('google', { popup: true }))
    expect(scene.tab.popups).toHaveLength(2)
    scene.create(scene.tab.popups[0]!.land(scene.landing(scene.tab.popups[0]!.urls[0]!)))
    await scene.world.clock.advance(500)
    expect(auth.session.value.data?.user.id).toBe('7')
    expect(second.value).toMatchObject({ code: 'superseded' })
    expect(scene.tab.popups[1]!.closed()).toBe(true)
    expect(scene.exchanges()).toBe(1)
    await scene.world.clock.advance(1000)
    expect(scene.tab.storage.size + scene.world.channels.open()).toBe(0)
  })
})

describe('a duplicated tab, which has a copy of the storage', () => {
  const duplicated = async (): Promise<{
    scene: CodeScene
    controller: AbortController
    done: { value?: unknown }
    copy: AuthClient<Session>
  }> => {
    const scene = setUp(home)
    const auth = await scene.open()
    const controller = new AbortController()
    const done = outcomeOf(auth.signIn('google', { popup: true, signal: controller.signal }))
    await settle()
    const twin = scene.world.tab('about:blank')
    for (const [key, value] of scene.tab.storage) twin.storage.set(key, value)
    const copy = scene.create(twin.load(home))
    await copy.prepare()
    await vi.dynamicImportSettled()
    await settle()
    return { scene, controller, done, copy }
  }

  it('leaves the popup to the one that opened it: the code is spent once, there', async () => {
    const { scene, done, copy } = await duplicated()
    expect(scene.world.channels.open()).toBe(1)
    const [popup] = scene.tab.popups
    scene.create(popup!.land(scene.landing(popup!.urls[0]!)))
    await vi.dynamicImportSettled()
    await scene.world.clock.advance(1000)
    expect(done.value).toMatchObject({ user: { id: '7' } })
    expect(copy.session.value.status).toBe('pending')
    expect(scene.exchanges()).toBe(1)
  })

  it('finishes nothing that was aborted there', async () => {
    const { scene, controller, done } = await duplicated()
    const [popup] = scene.tab.popups
    popup!.sever()
    controller.abort()
    scene.create(popup!.land(scene.landing(popup!.urls[0]!)))
    await vi.dynamicImportSettled()
    await scene.world.clock.advance(1000)
    expect(done.value).toMatchObject({ code: 'aborted' })
    expect(scene.exchanges()).toBe(0)
  })
})
