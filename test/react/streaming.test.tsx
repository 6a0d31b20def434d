import { Suspense, type ReactElement, type ReactNode } from 'react'
import { renderToReadableStream } from 'react-dom/server.browser'
import { describe, expect, it } from 'vitest'

import type { AuraSession } from '../../src/index.js'
import {
  AuthProvider,
  SignedIn,
  SignedOut,
  useAuth,
  useSession,
  useSessionSuspense,
} from '../../src/react/index.js'
import { deferred, settle } from '../rig.js'
import { failOnComplaints, grace, onModuleLevel } from './rig.js'

failOnComplaints()

const { auth, asked } = onModuleLevel()

/** Data that a page waits for, as a server component's child does. */
function slow(): { Slow: () => ReactNode; arrive: () => void } {
  const { promise, resolve } = deferred<void>()
  let isHere = false
  return {
    arrive: () => {
      isHere = true
      resolve()
    },
    Slow: () => {
      // oxlint-disable-next-line typescript/only-throw-error -- how React 18 suspends
      if (!isHere) throw promise
      return null
    },
  }
}

const Name = (): ReactNode => {
  const { status, data } = useSession()
  return `[${status} ${data?.user.name}]`
}
const Late = (): ReactNode => `[late ${useSessionSuspense().data?.user.name}]`
/** What a careless component does while it renders on a server. */
const Careless = ({ session }: { session: AuraSession | null }): ReactNode => {
  const client = useAuth()
  client.hydrate(session)
  void client.ready()
  void client.refetch()
  client.session.listen(() => {})()
  return null
}

/** The layout, and behind data that comes late the page. */
const page = (session: AuraSession | null, Slow: () => ReactNode): ReactElement => (
  <AuthProvider client={auth} initialSession={session}>
    <Name />
    <Careless session={session} />
    <Suspense fallback="…">
      <Slow />
      <Late />
      <SignedIn>{({ user }) => `[in ${user.name}]`}</SignedIn>
      <SignedOut>[out]</SignedOut>
    </Suspense>
  </AuthProvider>
)

const read = async (stream: ReadableStream): Promise<string> =>
  (await new Response(stream).text()).replaceAll('<!-- -->', '')

const sessionOf = (name: string): AuraSession => ({
  ...grace,
  user: { ...grace.user, id: name, name },
})

describe('a server that streams two pages at the same time', () => {
  it.each(['the first', 'the second'])(
    'sends each user their own, when %s has its data sooner',
    async (sooner) => {
      const [one, two] = [slow(), slow()]
      const [ada, bob] = [sessionOf('Ada'), sessionOf('Bob')]
      const first = await renderToReadableStream(page(ada, one.Slow))
      const second = await renderToReadableStream(page(bob, two.Slow))
      const texts = Promise.all([read(first), read(second)])
      const order = sooner === 'the first' ? [one, two] : [two, one]
      for (const { arrive } of order) {
        arrive()
        await settle()
      }
      const [forAda, forBob] = await texts
      for (const word of ['[authenticated Ada]', '[late Ada]', '[in Ada]']) {
        expect(forAda).toContain(word)
      }
      for (const word of ['[authenticated Bob]', '[late Bob]', '[in Bob]']) {
        expect(forBob).toContain(word)
      }
      expect(forAda).not.toContain('Bob')
      expect(forBob).not.toContain('Ada')
    },
  )

  it('sends a visitor no trace of a user, nor a user the sign-in button', async () => {
    const [one, two] = [slow(), slow()]
    const first = await renderToReadableStream(page(sessionOf('Ada'), one.Slow))
    const second = await renderToReadableStream(page(null, two.Slow))
    const texts = Promise.all([read(first), read(second)])
    two.arrive()
    await settle()
    one.arrive()
    const [user, visitor] = await texts
    expect(user).not.toContain('[out]')
    expect(visitor).toContain('[unauthenticated undefined]')
    expect(visitor).toContain('[out]')
    expect(visitor).not.toContain('Ada')
  })

  it('sends fifty of them, each its own, and keeps nothing', async () => {
    const requests = Array.from({ length: 50 }, (_, at) => ({ name: `User${at}.`, ...slow() }))
    const texts = requests.map(async ({ name, Slow }) =>
      read(await renderToReadableStream(page(sessionOf(name), Slow))),
    )
    await settle()
    for (const { arrive } of [...requests].reverse()) arrive()
    const all = await Promise.all(texts)
    all.forEach((text, at) => {
      const names = new Set(text.match(/User\d+\./g))
      expect(names).toEqual(new Set([`User${at}.`]))
    })
    expect(auth.session.value.status).toBe('pending')
    expect(auth.session.lc).toBe(0)
    expect(asked).toEqual([])
  })
})
