import {
  allowInsecureRequests,
  customFetch,
  DPoP,
  generateKeyPair,
  isDPoPNonceError,
  protectedResourceRequest,
  WWWAuthenticateChallengeError,
  type CryptoKeyPair,
} from 'oauth4webapi'

import type { Env } from '../../env.js'
import { operate } from '../../http.js'
import type { DpopKey } from './options.js'

const STORE = 'dpop'
/** ms that IndexedDB has to answer, which in Safari it may never do. A blank popup waits for it. */
const PATIENCE = 5_000

/**
 * The key of this name, made if there is none. ES256, and not extractable. Kept in IndexedDB, where all
 * tabs find it; where that is refused, with this page. Rejects `timeout` when nothing is answered: the
 * key may be there, and what is bound to it is of no use to another.
 */
export async function openKey(name: string, env: Env): Promise<DpopKey> {
  const find = async (): Promise<CryptoKeyPair> =>
    findKeyPair(name).catch(async () => generateKeyPair('ES256'))
  const pair = await operate(env, fetch, find, undefined, PATIENCE)
  // Kept for as long as the page, for it knows the nonces that servers have given (§8.2).
  const handle = DPoP({}, pair)
  return {
    handle,
    wantsNonce: isDPoPNonceError,
    send: async (request, accessToken, send) => {
      const url = new URL(request.url)
      const options = {
        DPoP: handle,
        // Its own idea of a request knows nothing of credentials, cache and redirects.
        [customFetch]: async (_: string, { headers }: { headers: Record<string, string> }) =>
          send(request.clone(), { headers }),
        ...(request.url.startsWith('http:') && { [allowInsecureRequests]: true }),
      }
      const ask = async (): Promise<Response> =>
        protectedResourceRequest(accessToken, request.method, url, request.headers, null, options)
      const answered = (error: unknown): Response => {
        if (error instanceof WWWAuthenticateChallengeError) return error.response
        throw error
      }
      return ask()
        .catch(async (error: unknown) => (isDPoPNonceError(error) ? ask() : answered(error)))
        .catch(answered)
    },
  }
}

async function findKeyPair(name: string): Promise<CryptoKeyPair> {
  const database = await openDatabase()
  try {
    const store = (mode: IDBTransactionMode): IDBObjectStore =>
      database.transaction(STORE, mode).objectStore(STORE)
    const found = await answer<CryptoKeyPair | undefined>(store('readonly').get(name))
    if (found) return found
    const made = await generateKeyPair('ES256')
    // The first to write wins: another tab may have had the same idea.
    const keys = store('readwrite')
    return await new Promise((resolve, reject) => {
      const look = keys.get(name) as IDBRequest<CryptoKeyPair | undefined>
      look.addEventListener('success', () => {
        if (look.result) resolve(look.result)
        else answer(keys.put(made, name)).then(() => resolve(made), reject)
      })
      look.addEventListener('error', () => reject(look.error!))
    })
  } finally {
    database.close()
  }
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open('latchkey', 1)
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE))
  return answer(request)
}

async function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error!))
  })
}
