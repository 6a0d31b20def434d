import { GoTrueClient as ForkClient } from '@supabase/gotrue-js'
import { afterEach, expect, test, vi } from 'vitest'

import { memory, SITE, startRig } from './gotrue-rig.js'

afterEach(() => vi.unstubAllGlobals())

/** As much of a page as the official clients look at: where it is, and a history. */
function land(location: string): URL {
  const url = new URL(location)
  const ignore = () => {}
  vi.stubGlobal('document', { visibilityState: 'visible', addEventListener: ignore })
  vi.stubGlobal('window', {
    location: url,
    history: { state: null, replaceState: (_: unknown, __: string, to: string) => (url.href = to) },
    addEventListener: ignore,
    removeEventListener: ignore,
  })
  return url
}

const options = { redirectTo: `${SITE}/cb?x=1`, skipBrowserRedirect: true }
const provider = 'github'

test('Supabase’s client of today finds the tokens in a page’s fragment', async () => {
  const { client, visit } = await startRig()
  const { data } = await client({ flowType: 'implicit' }).signInWithOAuth({ provider, options })
  const page = land(await visit(data.url!))
  const auth = client({ flowType: 'implicit', detectSessionInUrl: true })
  const { data: found, error } = await auth.getSession()
  expect(error).toBeNull()
  expect(found.session?.user.email).toBe('ada@winter.example')
  expect(page.href).toBe(`${SITE}/cb?x=1`)
})

test('and the code in its query', async () => {
  const { client, visit, gotrue } = await startRig()
  const tab = { storage: memory(), storageKey: 'of-both' }
  const { data } = await client(tab).signInWithOAuth({ provider, options })
  const page = land(await visit(data.url!))
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const auth = client({ ...tab, detectSessionInUrl: true })
  const { data: found } = await auth.getSession()
  expect(found.session?.user.email).toBe('ada@winter.example')
  expect(page.href).toBe(`${SITE}/cb?x=1`)
  expect(gotrue.requests.filter(({ grant }) => grant === 'pkce')).toHaveLength(1)
  // That two clients share a key, as the page before and this one do.
  expect(warn).toHaveBeenCalledOnce()
  warn.mockRestore()
})

test('and what the provider refused', async () => {
  const { client, visit } = await startRig()
  const { data } = await client({ flowType: 'implicit' }).signInWithOAuth({ provider, options })
  land(await visit(data.url!, 'deny'))
  const { error } = await client({ flowType: 'implicit', detectSessionInUrl: true }).initialize()
  expect(error?.message).toBe('The user has denied your application access.')
})

test('and a recovery, which it tells apart', async () => {
  const { client, follow, lastMessage } = await startRig()
  const email = 'ada@example.com'
  await client().signUp({ email, password: 'correct horse' })
  const asked = client({ flowType: 'implicit' })
  await asked.resetPasswordForEmail(email, { redirectTo: `${SITE}/reset` })
  land(await follow(lastMessage()))
  const auth = client({ flowType: 'implicit', detectSessionInUrl: true })
  const told = new Promise((resolve) => {
    auth.onAuthStateChange((event) => {
      if (event !== 'INITIAL_SESSION' && event !== 'SIGNED_IN') resolve(event)
    })
  })
  expect(await told).toBe('PASSWORD_RECOVERY')
})

test('the client of 2022 finds the fork’s tokens', async () => {
  const { visit, url } = await startRig({ flavor: 'fork2022' })
  const settings = { url, autoRefreshToken: false, detectSessionInUrl: false, multiTab: false }
  const auth = new ForkClient({ ...settings, localStorage: memory() })
  const start = auth.api.getUrlForProvider(provider, { redirectTo: `${SITE}/cb` })
  const page = land(await visit(start))
  const { data, error } = await auth.getSessionFromUrl()
  expect(error).toBeNull()
  expect(data?.user?.email).toBe('ada@winter.example')
  expect(page.hash).toBe('')
})
