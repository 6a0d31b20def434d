export { AuthFailed, AuthPending, SignedIn, SignedOut, type Guard } from './components.js'
export { authPlugin, type AuthPluginOptions } from './plugin.js'
export { useAuth, useSession, useUser } from './session.js'
