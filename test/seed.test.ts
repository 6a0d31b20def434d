import { afterEach, describe, expect, it, vi } from 'vitest'

import { createAuthClient, isAuthError } from '../src/index.js'
import { createAuth, dribbble } from '../src/server/index.js'
import { createWorld, type Tab } from './rig.js'
import { place } from './server/place.js'

afterEach(() => vi.unstubAllGlobals())

/** Shows this tab's page as the browser's own, as far as a snippet can tell. */
function show(tab: Tab): void {
  vi.stubGlobal('window', tab.page)
  vi.stubGlobal('document', tab.page.document)
}

const env = {
  AURA_AUTH_SECRET: 'a-secret-of-at-least-32-bytes-for-tests-only',
  AURA_AUTH_SALT: 'a-salt-of-at-least-32-bytes-for-tests-only-',
  AURA_AUTH_DRIBBBLE_CLIENT_ID: 'client',
  AURA_AUTH_DRIBBBLE_CLIENT_SECRET: 'secret',
}

describe('in the browser, as written', () => {
  /** From a click on the first page to whatever the promise of the landing says. */
  async function signIn(decision: 'allow' | 'deny'): Promise<{
    outcome: unknown
    user: () => Promise<unknown>
    href: () => string
  }> {
    const { user, visit } = place()
    const tab = createWorld().tab('http://localhost:3000/login')
    vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
      const { pathname, search } = new URL(input)
      return user.send(pathname + search, init ?? {})
    })
    show(tab)

    const authClient = createAuthClient({
      baseURL: 'http://localhost:3000/auth',
    })

    const triggerSignIn = async () => {
      await authClient.signIn('dribbble', {
        redirectTo: '/dashboard',
      })
    }

    await authClient.prepare()
    void triggerSignIn()
    const { pathname, search } = new URL(tab.navigations[0]!)
    expect(pathname).toBe('/auth/signIn/dribbble')
    const back = await visit(decision, pathname + search)
    tab.load(new URL(back.headers.get('location')!, 'http://localhost:3000').href)
    show(tab)
    const landed = createAuthClient({ baseURL: 'http://localhost:3000/auth' })
    return {
      outcome: await landed.completeSignIn().catch((error: unknown) => error),
      user: async () => {
        const session = await landed.getSession()
        return session?.user
      },
      href: () => tab.page.location.href,
    }
  }

  it('signs in with Dribbble and knows who it is', async () => {
    const { outcome, user, href } = await signIn('allow')
    expect(outcome).toMatchObject({ redirectTo: 'http://localhost:3000/dashboard' })
    expect(await user()).toMatchObject({ id: '483920', name: 'Ada Winter' })
    expect(href()).toBe('http://localhost:3000/dashboard')
  })

  it('comes back from a denial with Dribbble’s own words', async () => {
    const { outcome, user, href } = await signIn('deny')
    expect(isAuthError(outcome, 'access_denied')).toBe(true)
    expect(outcome).toMatchObject({
      source: 'provider',
      description: 'The resource owner or authorization server denied the request.',
    })
    expect(await user()).toBeUndefined()
    expect(href()).toBe('http://localhost:3000/dashboard')
  })
})

describe('on the server, as written', () => {
  it('has handlers, api and jose', () => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)

    const auth = createAuth({
      oauth: ['dribbble'],
    })
    const { handlers, api, jose } = auth

    vi.unstubAllEnvs()
    expect(Object.keys(handlers).sort()).toEqual(['ALL', 'DELETE', 'GET', 'PATCH', 'POST'])
    expect(typeof api.signIn).toBe('function')
    expect(typeof jose.signJWS).toBe('function')
  })

  it('keeps Dribbble’s URLs when its scope is changed', async () => {
    const { handlers } = createAuth({
      oauth: [
        dribbble({
          authorize: {
            params: {
              // Override default scopes
              scope: 'upload',
            },
          },
        }),
      ],
      env,
    })
    const response = await handlers.GET(new Request('http://localhost:3000/auth/signIn/dribbble'))
    const url = new URL(response.headers.get('location')!)
    expect(url.origin + url.pathname).toBe('https://dribbble.com/oauth/authorize')
    expect(url.searchParams.get('scope')).toBe('upload')
  })

  it('answers where to go', async () => {
    const { api } = createAuth({ oauth: ['dribbble'], env })

    const serverSignIn = async () => {
      const response = await api.signIn('dribbble', {
        redirectTo: 'http://localhost:3000/dashboard',
      })

      // Example returning redirect location
      return response.headers.get('Location')
    }

    expect(await serverSignIn()).toBe(
      '/auth/signIn/dribbble?redirectTo=http%3A%2F%2Flocalhost%3A3000%2Fdashboard',
    )
  })

  it('knows the user of a request', async () => {
    const { here, user, visit } = place()
    const { api } = here.auth

    const ask = async (request: Request) => {
      const session = await api.getSession(request)
      return session?.user
    }

    expect(await ask(new Request('http://localhost:3000/'))).toBeUndefined()
    await visit('allow')
    const cookie = [...user.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')
    expect(await ask(new Request('http://localhost:3000/', { headers: { cookie } }))).toMatchObject(
      {
        sub: '483920',
        name: 'Ada Winter',
      },
    )
  })
})
