/** A provider known by name: its credentials come from the environment. */
export type BuiltInProvider = 'dribbble' | 'github'

/** The userinfo answer, as the provider sent it. */
export type RawProfile = Readonly<Record<string, unknown>>

/** What `profile` makes of it. Missing `name`, `email` and `image` become `null`. */
export interface ProfileUser {
  /** Not empty. */
  readonly sub: string
  readonly name?: string | null | undefined
  readonly email?: string | null | undefined
  readonly image?: string | null | undefined
  /** Anything else that JSON can hold and that page scripts may see. Must fit into one cookie. */
  readonly [field: string]: unknown
}

/** What is known of the grant besides the profile. */
export interface Grant {
  /**
   * The scopes that were granted, which may be fewer than were asked for: Dribbble gives a user
   * who agreed before the scopes of then. `null`: the provider did not say.
   */
  readonly scopes: readonly string[] | null
}

/** An OAuth 2.0 provider with the authorization code flow. */
export interface OAuthProvider {
  /** Name in URLs and variables: letters, digits, `-` and `_`. */
  readonly id: string
  /** Name for people. */
  readonly name: string
  /** Default: the variable `AURA_AUTH_<ID>_CLIENT_ID`. */
  readonly clientId?: string | undefined
  /** Default: the variable `AURA_AUTH_<ID>_CLIENT_SECRET`. */
  readonly clientSecret?: string | undefined
  readonly authorize: {
    readonly url: string
    /**
     * Extra parameters by their names on the wire: `scope`, `prompt`, `login_hint`… An empty or
     * `undefined` one is left out; those of the protocol (`state`, `redirect_uri`…) are ours.
     */
    readonly params?: Readonly<Record<string, string | undefined>>
  }
  readonly token: {
    readonly url: string
    /** How the secret is sent: in the form (default) or by HTTP Basic. */
    readonly authMethod?: 'client_secret_post' | 'client_secret_basic'
  }
  readonly userinfo: {
    readonly url: string
  }
  /** Needed where the provider sends `iss` or an ID token, which are then checked against it. */
  readonly issuer?: string
  /** Turns the userinfo answer into a user. Throwing, or an empty `sub`, fails the sign-in. */
  readonly profile: (raw: RawProfile, grant: Grant) => ProfileUser
}

/** Every part of a preset may be changed alone: objects are merged, deeply. */
export type ProviderOptions = DeepPartial<Omit<OAuthProvider, 'profile'>> &
  Partial<Pick<OAuthProvider, 'profile'>>

type DeepPartial<T> = {
  readonly [K in keyof T]?: NonNullable<T[K]> extends object ? DeepPartial<T[K]> : T[K]
}
