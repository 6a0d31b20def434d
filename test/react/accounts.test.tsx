import { type ReactNode } from 'react'
import { expect, it, vi } from 'vitest'

import { useSession } from '../../src/react/index.js'
import { signedIn, type Client } from '../adapters/aurinko/scene.js'
import { after, failOnComplaints, mount } from './rig.js'

// A document for React alone: requests, cookies and events stay Node's, as the rig wants them.
await vi.hoisted(async () => {
  const { Window } = await import('happy-dom')
  const window = new Window()
  const { document, navigator } = window
  for (const [name, value] of Object.entries({ window, document, navigator })) {
    Object.defineProperty(globalThis, name, { value, configurable: true })
  }
})

failOnComplaints()

it('linking an account in a popup renders who shows accounts, once, and nobody else', async () => {
  const [scene, auth] = await signedIn()
  const renders = { name: 0, status: 0, accounts: 0, page: 0 }
  const Name = (): ReactNode => {
    renders.name += 1
    return useSession(auth, ({ data }) => data?.user)?.name
  }
  const Status = (): ReactNode => {
    renders.status += 1
    return useSession(auth, ({ status }) => status)
  }
  const Accounts = (): ReactNode => {
    renders.accounts += 1
    return useSession(auth)
      .data?.accounts.map(({ service }) => service)
      .join()
  }
  const Page = (): ReactNode => {
    renders.page += 1
    return (
      <p>
        <Name /> <Status /> <Accounts />
      </p>
    )
  }
  const { container, unmount } = await mount(<Page />)
  expect(container.textContent).toBe('Ada Winter authenticated Google')
  Object.assign(renders, { name: 0, status: 0, accounts: 0, page: 0 })

  const linking = link(auth)
  await after(async () => scene.world.clock.advance(1))
  const window = scene.tab.popups[0]!
  const landing = await scene.travel(window.urls.at(-1)!)
  await after(async () => {
    window.show(landing, '')
    await scene.world.clock.advance(1_000)
    await linking
  })
  expect(container.textContent).toBe('Ada Winter authenticated Office365,Google')
  expect(renders).toEqual({ name: 0, status: 0, accounts: 1, page: 0 })
  await unmount()
})

const link = async (auth: Client): Promise<unknown> =>
  auth.linkAccount('Office365', { popup: true })
