import { createAuthClient } from 'latchkey'

export const auth = createAuthClient({ baseURL: '/auth' })
