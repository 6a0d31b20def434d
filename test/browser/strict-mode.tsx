import { StrictMode, useEffect, useState, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'

import type { AuthClient, SignInResult } from '../../src/api.js'
import { useSession } from '../../src/react/index.js'

// An app in StrictMode, which runs every effect twice: what it does is left on `window`.

declare const auth: AuthClient
const seen: { completions: Promise<SignInResult | null>[] } = { completions: [] }
Object.assign(window, seen)

const Landing = (): ReactNode => {
  useEffect(() => void seen.completions.push(auth.completeSignIn()), [])
  return null
}

/** The button goes with its click, as on a page that shows a spinner instead. */
const Start = ({ onStart }: { onStart: () => void }): ReactNode => {
  const start = (): void => {
    void auth.signIn('x', { popup: true })
    onStart()
  }
  return (
    <button id="strict" onClick={start}>
      Sign in
    </button>
  )
}

const App = (): ReactNode => {
  const [started, setStarted] = useState(false)
  const { data } = useSession(auth)
  return (
    <>
      <Landing />
      {started ? <i id="started" /> : <Start onStart={() => setStarted(true)} />}
      <p id="user">{data?.user.name ?? 'nobody'}</p>
    </>
  )
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
