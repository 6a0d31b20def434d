/** What can be made to go wrong, or merely differently. Change a knob at any time. */
export interface DribbbleKnobs {
  /** Every authorization is denied at once, without a consent page. */
  deny: boolean
  /** Authorizations answer `application_suspended`. */
  suspended: boolean
  /**
   * A browser that allowed the app before is sent straight back, with the scope it granted then,
   * whatever is asked for now. Dribbble does so; here it is off by default, so that the consent
   * page can be seen more than once.
   */
  silent: boolean
  /** The scope of a silent re-authorization. `undefined`: what was granted last. */
  silentScope: string | undefined
  /** `Cross-Origin-Opener-Policy` of every answer under `/oauth/authorize`. `undefined`: none. */
  coop: string | undefined
  /**
   * Dribbble documents no PKCE, so all three are possible: `'ignore'` it, `'verify'` a verifier
   * that is sent (default), or `'require'` one wherever a challenge was sent.
   */
  pkce: 'ignore' | 'verify' | 'require'
  /** Every token error has status 401, as before Doorkeeper 5.1. */
  legacyStatus401: boolean
  /** `token_type` of token answers; `'Bearer'` on newer Doorkeepers. */
  tokenType: string
  /** `expires_in`, seconds; the token really expires then. `undefined`: absent, never expires. */
  expiresIn: number | undefined
  /** `created_at` of token answers, Unix seconds. `true`: the time of issue. `false`: absent. */
  createdAt: boolean | number
  /** The token endpoint refuses with this. `status` defaults to 400. */
  tokenError: { error: string; description?: string; status?: number } | undefined
  /** The API answers 429 until its rate-limit window ends. */
  rateLimited: boolean
  /** The user revoked the app: its tokens are refused and a silent re-authorization asks again. */
  revoked: boolean
  /** 500 with an HTML body, from the token endpoint, the API (`'user'`), or both (`true`). */
  htmlError: boolean | 'token' | 'user'
  /** How `/v2/user` shows the (undocumented) e-mail address. */
  emailMode: 'absent' | 'null' | 'value'
  /** Laid over the user of `/v2/user`. A member that is `undefined` is absent from the JSON. */
  user: Readonly<Record<string, unknown>>
  /** Token and API answers take this many ms. */
  delay: number
}

/** Every knob at its default: Dribbble as documented, except for {@link DribbbleKnobs.silent}. */
export function createKnobs(knobs: Partial<DribbbleKnobs> = {}): DribbbleKnobs {
  return {
    deny: false,
    suspended: false,
    silent: false,
    silentScope: undefined,
    coop: undefined,
    pkce: 'verify',
    legacyStatus401: false,
    tokenType: 'bearer',
    expiresIn: undefined,
    createdAt: true,
    tokenError: undefined,
    rateLimited: false,
    revoked: false,
    htmlError: false,
    emailMode: 'value',
    user: {},
    delay: 0,
    ...knobs,
  }
}
