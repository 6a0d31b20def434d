import { isAuthError } from 'latchkey'
import { useSession } from 'latchkey/react'
import {
  Link,
  Outlet,
  redirect,
  useLocation,
  useNavigate,
  useParams,
  useRouteError,
  useSearchParams,
  type LoaderFunctionArgs,
  type RouteObject,
} from 'react-router'

import { auth } from './auth'

const login = (next: string) => `/login?next=${encodeURIComponent(next)}`

async function requireUser({ request }: LoaderFunctionArgs) {
  const { status, error } = await auth.ready() // the first answer; after it, at once
  if (status === 'error') throw error // not signed out: `TryAgain` says that nobody could be asked
  if (status === 'authenticated') return null
  const { pathname, search } = new URL(request.url)
  return redirect(login(pathname + search))
}

function Private() {
  const { data } = useSession(auth)
  const { pathname, search } = useLocation()
  return data ? <Outlet /> : <Link to={login(pathname + search)}>Sign in</Link>
}

function TryAgain() {
  const error = useRouteError()
  const navigate = useNavigate()
  const here = useLocation()
  if (!isAuthError(error)) throw error
  // Not `revalidate()`: where that is quick, the boundary goes on showing the error.
  const again = () => navigate(here, { replace: true })
  const retry = () => void auth.refetch().then(again)
  return <button onClick={retry}>{error.message} Try again</button>
}

function Login() {
  const [query] = useSearchParams()
  // A `next` that leaves this origin is refused, whoever made the link.
  const redirectTo = query.get('next') ?? '/'
  const signIn = () => void auth.signIn('dribbble', { redirectTo })
  return <button onClick={signIn}>Sign in with Dribbble</button>
}

const Settings = () => `Settings ${useParams()['section'] ?? ''}`

export const routes: RouteObject[] = [
  { path: '/', element: 'Home' },
  { path: '/login', Component: Login },
  {
    loader: requireUser,
    shouldRevalidate: () => true, // or it would not run between two pages of its own
    Component: Private,
    ErrorBoundary: TryAgain,
    HydrateFallback: () => '…',
    children: [{ path: '/settings/:section?', Component: Settings }],
  },
]
