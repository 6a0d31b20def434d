import { AuthProvider, useSession } from 'latchkey/react'
import { StrictMode, useState, useSyncExternalStore, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'

import { auth } from '../auth.js'
import { act } from './act.js'
import { now } from './clock.js'
import { describe, type Action, type Problem, type View } from './view.js'

export function mountReact(host: HTMLElement): void {
  createRoot(host).render(
    <StrictMode>
      <AuthProvider client={auth}>
        <Panel />
      </AuthProvider>
    </StrictMode>,
  )
}

function Panel(): ReactNode {
  const { view, press } = useView('React')
  return (
    <>
      <Status view={view} />
      <Person view={view} />
      <Actions view={view} press={press} />
      <Note view={view} />
    </>
  )
}

interface Shown {
  readonly view: View
  readonly press: (action: Action) => void
}

/**
 * What a panel or page named `where` shows of the session, and what its buttons do. `landing`: what
 * went wrong on the way here, shown until something newer does.
 */
export function useView(where: string, landing: Problem | null = null): Shown {
  const state = useSession()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState<Action | null>(null)
  const time = useSyncExternalStore(listenToClock, readClock)
  const press = (action: Action): void => {
    setBusy(action)
    setProblem(null)
    void act(where, action).then((result) => {
      setProblem(result)
      setBusy(null)
      return undefined
    })
  }
  return { view: describe(state, problem ?? landing, busy, time), press }
}

const listenToClock = (listener: () => void): (() => void) => now.listen(listener)
const readClock = (): number => now.get()

export function Status({ view: { status } }: { readonly view: View }): ReactNode {
  return (
    <span className="status" data-status={status}>
      {status}
    </span>
  )
}

export function Person({ view }: { readonly view: View }): ReactNode {
  const { user, placeholder, expiry } = view
  return (
    <div className="person">
      <span className="avatar">
        {user?.image && <img src={user.image} alt="" width="48" height="48" />}
      </span>
      <div>
        <p className="name" data-user={user ? '' : undefined}>
          {user?.name ?? placeholder}
        </p>
        <p className="expiry">{expiry}</p>
      </div>
    </div>
  )
}

export function Actions({ view, press }: Shown): ReactNode {
  return (
    <div className="actions">
      {view.buttons.map(({ action, label, disabled }) => (
        <button
          key={action}
          type="button"
          data-action={action}
          aria-disabled={disabled || undefined}
          onClick={() => disabled || press(action)}
        >
          {label}
        </button>
      ))}
    </div>
  )
}

export function Note({ view: { code, note } }: { readonly view: View }): ReactNode {
  return (
    <p className="note">
      {code && <code data-error={code}>{code}</code>} {note}
    </p>
  )
}
