import {
  defineComponent,
  type AllowedComponentProps,
  type ComponentCustomProps,
  type VNode,
  type VNodeChild,
  type VNodeProps,
} from 'vue'

import type { AuthError } from '../errors.js'
import type { RegisteredClient, RegisteredSession, RegisteredState } from '../register.js'
import { useAuth, useSession } from './session.js'

/** How templates see a component that has slots and nothing else. */
export type Guard<Slots> = new () => {
  $props: AllowedComponentProps & ComponentCustomProps & VNodeProps
  $slots: Slots
}

/**
 * Shows its default slot to a signed-in user, also when the last refresh failed. The slot
 * `fallback` is for a visitor who is signed out, and for nobody else: not while that is unknown.
 *
 * @example
 * <SignedIn v-slot="{ session }">Hello {{ session.user.name }}</SignedIn>
 */
export const SignedIn: Guard<{
  default?: (props: { session: RegisteredSession }) => VNode[]
  fallback?: () => VNode[]
}> = /* @__PURE__ */ guard('SignedIn', ({ status, data }, slots) =>
  data ? slots.default?.({ session: data }) : status === 'unauthenticated' && slots.fallback?.(),
)

/** Shows its slot once the backend said that nobody is signed in, never before. */
export const SignedOut: Guard<{ default?: () => VNode[] }> = /* @__PURE__ */ guard(
  'SignedOut',
  ({ status }, slots) => status === 'unauthenticated' && slots.default?.(),
)

/** Shows its slot until the first answer. Never again after it. */
export const AuthPending: Guard<{ default?: () => VNode[] }> = /* @__PURE__ */ guard(
  'AuthPending',
  ({ isPending }, slots) => isPending && slots.default?.(),
)

/**
 * Shows its slot when nobody ever answered and the last try failed: neither signed in nor out.
 *
 * @example
 * <AuthFailed v-slot="{ error, retry }">
 *   {{ error.message }} <button @click="retry">Try again</button>
 * </AuthFailed>
 */
export const AuthFailed: Guard<{
  default?: (props: { error: AuthError; retry: () => void }) => VNode[]
}> = /* @__PURE__ */ guard(
  'AuthFailed',
  ({ status, error }, slots, { refetch }) =>
    status === 'error' && slots.default?.({ error, retry: () => void refetch() }),
)

function guard<Slots>(
  name: string,
  render: (state: RegisteredState, slots: Slots, client: RegisteredClient) => VNodeChild,
): Guard<Slots> {
  const setup = (_: object, { slots }: { slots: object }): (() => VNodeChild) => {
    const client = useAuth()
    const session = useSession()
    return () => render(session.value, slots as Slots, client)
  }
  return defineComponent(setup, { name }) as unknown as Guard<Slots>
}
