/** What is unknown of the real service, or can go wrong there. Change a knob at any time. */
export interface AurinkoKnobs {
  /** How a failed authorization describes itself on the return URL. `'bare'`: by `status` alone. */
  failureShape: 'details' | 'error' | 'errorCode' | 'bare'
  /** `status` of a failed authorization. `undefined`: none. */
  failureStatus: string | undefined
  /** `status` of one that succeeded. */
  successStatus: string
  /** Whether a failure brings `state` back. */
  stateOnFailure: boolean
  /** `type` on the return URL. `undefined`: none. */
  landingType: string | undefined
  /** The header that names the client: only one spelling, or either of the two in the documents. */
  strictClientIdHeader: 'X-Aurinko-Client-Id' | 'X-Aurinko-ClientId' | 'either'
  /** Origins whose pages may call the API. `'off'`: no CORS header at all. */
  cors: 'off' | readonly string[]
  /** Whose callback URL the provider was told, and so who gets the cookie. */
  cookieHost: 'app' | 'api'
  /** `undefined`: no such attribute. */
  cookieSameSite: 'Lax' | 'Strict' | 'None' | undefined
  /** The provider was told the app's return URL for its own redirect URI. */
  misdirected: boolean
  /** ms that a code is good for. */
  codeTtl: number
  /** Status of `code.expired`. */
  codeExpiredStatus: number
  /** `'slashes'`: a code that has to be percent-encoded in a path. */
  codeShape: 'jwt' | 'slashes'
  /** The exchange answers without `userSession`, as the account flow does. */
  accountFlow: boolean
  /** By `serviceType`. An authorization of that service clears its entry. */
  tokenStatus: Record<string, 'active' | 'invalid' | 'dead'>
  /** `GET /v1/user` answers 401 with this code to whoever is signed in. `''`: without a body. */
  userRefusal: '' | 'unauthorized' | 'token.dead' | 'token.refresh.failed' | undefined
  /** Where an error has its code: at the top, under `error`, or under `originalError.error`. */
  errorShape: 'flat' | 'nested' | 'original'
  /** The popup stays at Aurinko and posts this to its opener. `undefined`: it goes back to the app. */
  popupMessage: unknown
  /** Status of `returnurl.invalid`, which is shown as JSON. */
  returnUrlStatus: number
  /** `status` of an answered logout. */
  logoutStatus: string
  /** Accounts per page. */
  pageSize: number
  /** Every call of the API answers 429. `retryAfter`: seconds, `undefined` without the header. */
  rateLimited: false | { retryAfter?: number }
  /** Every call of the API answers with this status. */
  down: number | undefined
  /** The provider refuses at once, without a page. */
  deny: boolean
  /** `Cross-Origin-Opener-Policy` of the provider's pages. `undefined`: none. */
  coop: string | undefined
}

/** Every knob at its default: what is documented, and else the likeliest. */
export function createKnobs(knobs: Partial<AurinkoKnobs> = {}): AurinkoKnobs {
  return {
    failureShape: 'details',
    failureStatus: 'error',
    successStatus: 'success',
    stateOnFailure: true,
    landingType: 'accountAuthResult',
    strictClientIdHeader: 'either',
    cors: 'off',
    cookieHost: 'app',
    cookieSameSite: 'Lax',
    misdirected: false,
    codeTtl: 60_000,
    codeExpiredStatus: 400,
    codeShape: 'jwt',
    accountFlow: false,
    tokenStatus: {},
    userRefusal: undefined,
    errorShape: 'flat',
    popupMessage: undefined,
    returnUrlStatus: 400,
    logoutStatus: 'Ok',
    pageSize: 20,
    rateLimited: false,
    down: undefined,
    deny: false,
    coop: undefined,
    ...knobs,
  }
}
