import { createApp, defineComponent, h, type ComputedRef, type ShallowRef, type VNode } from 'vue'
import { describe, expectTypeOf, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuthError } from '../../src/errors.js'
import type { AuraSession } from '../../src/index.js'
import type { SessionState } from '../../src/types.js'
import {
  AuthFailed,
  authPlugin,
  SignedIn,
  useAuth,
  useSession,
  useUser,
} from '../../src/vue/index.js'
import type { ClientOf, SessionOf } from '../../src/register.js'
import { team, type App, type Team } from '../register.js'

// Fails when a composable's type is not what an app registered, or a template would see another.

describe('Register', () => {
  it('types every composable', () => {
    expectTypeOf(useAuth).toEqualTypeOf<() => App>()
    expectTypeOf(useSession()).toEqualTypeOf<Readonly<ShallowRef<SessionState<AuraSession>>>>()
    expectTypeOf(useUser()).toEqualTypeOf<ComputedRef<AuraSession['user'] | null>>()
  })

  it('types the plugin', () => {
    createApp({}).use(authPlugin, { client: {} as App, initialSession: null })
    // @ts-expect-error -- another backend's client is not the one registered
    createApp({}).use(authPlugin, { client: team })
    // @ts-expect-error -- the client is what it is for
    createApp({}).use(authPlugin)
  })

  it('reads the client and its session, with the adapter’s methods', () => {
    expectTypeOf<ClientOf<{ client: typeof team }>>().toEqualTypeOf<typeof team>()
    expectTypeOf<SessionOf<{ client: typeof team }>>().toEqualTypeOf<Team>()
  })

  it('is a client of Aura when the app says nothing', () => {
    expectTypeOf<ClientOf<object>>().toEqualTypeOf<AuthClient<AuraSession>>()
    expectTypeOf<SessionOf<object>>().toEqualTypeOf<AuraSession>()
  })
})

it('takes the types of a given client', () => {
  expectTypeOf(useSession(team).value).toEqualTypeOf<SessionState<Team>>()
  expectTypeOf(useUser(team).value).toEqualTypeOf<Team['user'] | null>()
})

it('narrows on the status', () => {
  const state = useSession().value
  if (state.status === 'authenticated') expectTypeOf(state.data).toEqualTypeOf<AuraSession>()
  else expectTypeOf(state.data).toEqualTypeOf<null>()
  if (state.status === 'error') expectTypeOf(state.error).toEqualTypeOf<AuthError>()
})

it('does not let a component write what is known', () => {
  // @ts-expect-error -- only an answer of the backend changes it
  useSession().value = useSession().value
})

describe('the components', () => {
  type Slots<C extends new () => { $slots: object }> = InstanceType<C>['$slots']

  it('type what their slots are given', () => {
    expectTypeOf<Slots<typeof SignedIn>['default']>().toEqualTypeOf<
      ((props: { session: AuraSession }) => VNode[]) | undefined
    >()
    expectTypeOf<Slots<typeof AuthFailed>['default']>().toEqualTypeOf<
      ((props: { error: AuthError; retry: () => void }) => VNode[]) | undefined
    >()
  })

  it('go wherever Vue takes a component', () => {
    h(SignedIn, { class: 'user' }, () => 'in')
    h(AuthFailed)
    defineComponent({ components: { SignedIn } })
    createApp(SignedIn).component('SignedIn', SignedIn)
  })
})
