import type { AuthError, SessionState } from 'latchkey'

import { advise } from '../advice.js'
import { demo, provider } from '../state.js'

/** What went wrong here. Shown until something newer is known than was then. */
export interface Problem {
  readonly error: AuthError
  readonly during: SessionState
}

export type Action = 'sign-in' | 'popup' | 'sign-out'

/** Everything a panel shows, so that three frameworks differ in how and not in what. */
export interface View {
  readonly status: SessionState['status']
  /** `null`: nobody, as far as is known. */
  readonly user: { readonly name: string; readonly image: string | null } | null
  /** Stands where the name will be. */
  readonly placeholder: string
  /** Takes its line up even when there is nothing to say. */
  readonly expiry: string
  readonly note: string
  readonly code: string | null
  readonly buttons: readonly Button[]
}

export interface Button {
  readonly action: Action
  readonly label: string
  readonly disabled: boolean
}

const PLACEHOLDER = {
  pending: 'Who is it?',
  authenticated: '',
  unauthenticated: 'Nobody',
  error: 'Nobody knows',
}

const NOTE = {
  pending: 'Asking the server: once, for everything on this page.',
  authenticated: demo.openid
    ? 'The tokens are kept apart: no component, tab or log ever sees one.'
    : 'The session is an HttpOnly cookie. This page never sees a token.',
  unauthenticated: `To see a refusal handled, sign in and press Deny at ${demo.openid ? 'the provider' : 'Dribbble'}.`,
  error: '',
}

export function describe(
  state: SessionState,
  problem: Problem | null,
  busy: Action | null,
  now: number,
): View {
  const { status, data } = state
  const error = problem?.during === state ? problem.error : state.error
  const stays = error && data ? 'You stay signed in. ' : ''
  return {
    status,
    user: data && { name: data.user.name ?? data.user.id, image: data.user.image },
    placeholder: PLACEHOLDER[status],
    expiry: data ? countDown(data.expiresAt, now) : '\u00a0',
    note: error ? stays + advise(error) : NOTE[status],
    code: error?.code ?? null,
    buttons: [
      {
        action: 'sign-in',
        label:
          busy === 'sign-in' ? `Going to ${provider.label}…` : `Sign in with ${provider.label}`,
        disabled: status === 'authenticated',
      },
      {
        action: 'popup',
        label: busy === 'popup' ? 'Waiting for it…' : '…in a popup',
        disabled: status === 'authenticated',
      },
      {
        action: 'sign-out',
        label: busy === 'sign-out' ? 'Signing out…' : 'Sign out',
        disabled: status !== 'authenticated',
      },
    ],
  }
}

function countDown(expiresAt: number | null, now: number): string {
  if (expiresAt === null) return 'No known end'
  const seconds = Math.max(0, Math.round((expiresAt - now) / 1000))
  const days = Math.floor(seconds / 86_400)
  const clock = [seconds / 3600, seconds / 60, seconds]
    .map((value, unit) => Math.floor(value) % (unit ? 60 : 24))
    .map((value) => String(value).padStart(2, '0'))
  return `Ends in ${days ? `${days} ${days === 1 ? 'day' : 'days'} ` : ''}${clock.join(':')}`
}
