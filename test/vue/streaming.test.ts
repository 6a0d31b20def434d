import { renderToString, renderToWebStream } from '@vue/server-renderer'
import { defineComponent, h, Suspense, type Component } from 'vue'
import { describe, expect, it } from 'vitest'

import type { AuraSession } from '../../src/index.js'
import { SignedIn, SignedOut, useAuth, useSession, useUser } from '../../src/vue/index.js'
import { deferred, settle } from '../rig.js'
import { failOnComplaints, grace, onModuleLevel, ssrApp } from './rig.js'

failOnComplaints()

const { auth, asked } = onModuleLevel()

const sessionOf = (name: string): AuraSession => ({
  ...grace,
  user: { ...grace.user, id: name, name },
})

/** A layout with a page whose data comes late, as Nuxt's `await useFetch()` has it. */
function page(session: AuraSession | null): { Root: Component; arrive: () => void } {
  const data = deferred<void>()
  const Page = defineComponent({
    async setup() {
      const state = useSession()
      const user = useUser()
      // What a careless component does while it is set up on a server.
      const client = useAuth()
      client.hydrate(session)
      void client.ready()
      void client.refetch()
      client.session.listen(() => {})()
      await data.promise
      return () => [
        h('b', `[${state.value.status} ${user.value?.name}]`),
        h(SignedIn, null, {
          default: (props: { session: AuraSession }) => `[in ${props.session.user.name}]`,
        }),
        h(SignedOut, () => '[out]'),
      ]
    },
  })
  const Layout = defineComponent({
    setup() {
      const user = useUser()
      return () => [h('i', `[layout ${user.value?.name}]`), h(Suspense, null, () => h(Page))]
    },
  })
  return { Root: Layout, arrive: data.resolve }
}

const renderers = {
  whole: async (Root: Component, session: AuraSession | null) =>
    renderToString(ssrApp(Root, auth, session)),
  streamed: async (Root: Component, session: AuraSession | null) =>
    new Response(renderToWebStream(ssrApp(Root, auth, session))).text(),
}

describe.each(['whole', 'streamed'] as const)(
  'a server that renders two pages at once, %s',
  (how) => {
    const render = renderers[how]

    it.each(['first', 'second'])(
      'sends each user their own: the %s is done sooner',
      async (sooner) => {
        const [ada, bob] = [sessionOf('Ada'), sessionOf('Bob')]
        const [one, two] = [page(ada), page(bob)]
        const texts = Promise.all([render(one.Root, ada), render(two.Root, bob)])
        await settle()
        for (const { arrive } of sooner === 'first' ? [one, two] : [two, one]) {
          arrive()
          await settle()
        }
        const [forAda, forBob] = await texts
        for (const word of ['[layout Ada]', '[authenticated Ada]', '[in Ada]']) {
          expect(forAda).toContain(word)
        }
        for (const word of ['[layout Bob]', '[authenticated Bob]', '[in Bob]']) {
          expect(forBob).toContain(word)
        }
        expect(forAda).not.toContain('Bob')
        expect(forBob).not.toContain('Ada')
      },
    )

    it('sends a visitor no trace of a user, and keeps nothing', async () => {
      const ada = sessionOf('Ada')
      const [one, two] = [page(ada), page(null)]
      const texts = Promise.all([render(one.Root, ada), render(two.Root, null)])
      await settle()
      two.arrive()
      await settle()
      one.arrive()
      const [user, visitor] = await texts
      expect(user).not.toContain('[out]')
      expect(visitor).toContain('[unauthenticated undefined]')
      expect(visitor).toContain('[out]')
      expect(visitor).not.toContain('Ada')
      expect(auth.session.value.status).toBe('pending')
      expect(auth.session.lc).toBe(0)
      expect(asked).toEqual([])
    })
  },
)
