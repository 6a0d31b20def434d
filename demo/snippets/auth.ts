import { createAuthClient } from 'latchkey'

export const auth = createAuthClient({
  baseURL: 'http://localhost:3000/auth',
  callbackURL: '/callback.html',
})
