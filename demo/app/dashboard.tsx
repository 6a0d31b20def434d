import { AuthProvider, useSession } from 'latchkey/react'
import { StrictMode, useSyncExternalStore, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'

import { auth } from './auth.js'
import { landed } from './landed.js'
import { Actions, Note, Person, Status, useView } from './panels/react.js'
import { provider } from './state.js'

/** The page behind the sign-in, in React. */
export function mountDashboard(host: HTMLElement): void {
  createRoot(host).render(
    <StrictMode>
      <AuthProvider client={auth}>
        <Dashboard />
      </AuthProvider>
    </StrictMode>,
  )
}

function Dashboard(): ReactNode {
  const problem = useSyncExternalStore(listenToLanding, readLanding)
  const { view, press } = useView('Dashboard', problem)
  return (
    <>
      <section className="panel" data-panel="dashboard" aria-labelledby="session-title">
        <h2 id="session-title">Your session</h2>
        <Status view={view} />
        <Person view={view} />
        <Actions view={view} press={press} />
        <Note view={view} />
      </section>
      <Facts />
    </>
  )
}

/** The same lines for everybody, so that nothing moves when the answer comes. */
function Facts(): ReactNode {
  const { data } = useSession()
  return (
    <section className="facts" aria-labelledby="facts-title">
      <h2 id="facts-title">
        {data ? 'What this page knows of you' : 'Sign in to see what a page knows of you'}
      </h2>
      <dl>
        <Fact term="Name" value={data && (data.user.name ?? 'not told')} />
        <Fact term={`${provider.label} id`} value={data && data.user.id} />
        <Fact term="E-mail" value={data && (data.user.email ?? 'not shared')} />
        <Fact term="Signed in until" value={data && formatDate(data.expiresAt)} />
      </dl>
    </section>
  )
}

function Fact({ term, value }: { readonly term: string; readonly value: string | null }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value ?? '–'}</dd>
    </div>
  )
}

const listenToLanding = (listener: () => void): (() => void) => landed.listen(listener)
const readLanding = () => landed.get()

const format = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' })
const formatDate = (ms: number | null): string => (ms === null ? 'no known end' : format.format(ms))
