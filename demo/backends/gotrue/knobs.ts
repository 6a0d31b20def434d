import type { Fault } from './faults.js'

/** Who signs in on the stand-in provider's page. */
export interface Person {
  /** The provider's own id of them. */
  readonly sub: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string
}

/**
 * How the server is set up and what goes wrong. Change a knob at any time. Where GoTrue has a
 * variable for it, that is named; times are ms all the same.
 */
export interface GoTrueKnobs {
  /** `GOTRUE_MAILER_AUTOCONFIRM`: a sign-up by e-mail is signed in at once. */
  autoconfirm: boolean
  /** `GOTRUE_SMS_AUTOCONFIRM`. */
  phoneAutoconfirm: boolean
  /** `GOTRUE_DISABLE_SIGNUP`. */
  disableSignup: boolean
  /** `GOTRUE_EXTERNAL_EMAIL_ENABLED`. */
  email: boolean
  /** `GOTRUE_EXTERNAL_PHONE_ENABLED`. */
  phone: boolean
  /** `GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED`; the fork has none. */
  anonymous: boolean
  /** `GOTRUE_SECURITY_MANUAL_LINKING_ENABLED`, which is off where nobody turned it on. */
  manualLinking: boolean
  /** The providers that are enabled. `/settings` lists most others as `false`, and some never. */
  providers: readonly string[]
  /** `GOTRUE_URI_ALLOW_LIST`: globs in which `*` stops at `.` and `/`. */
  allowList: readonly string[]
  /** `GOTRUE_JWT_EXP`. */
  accessTokenLifetime: number
  /** `GOTRUE_SECURITY_REFRESH_TOKEN_REUSE_INTERVAL`: 0 unless configured, 10 s at Supabase. */
  reuseInterval: number
  /** `GOTRUE_SECURITY_REFRESH_TOKEN_ROTATION_ENABLED`: reuse costs the whole family. */
  rotation: boolean
  /** `GOTRUE_SESSIONS_TIMEBOX`: a session ends this long after its sign-in. The fork has none. */
  timebox: number
  /** `GOTRUE_PASSWORD_MIN_LENGTH`. */
  passwordMinLength: number
  /** `GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION`. */
  reauthenticate: boolean
  /** `GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD`; the fork has none. */
  currentPassword: boolean
  /** `GOTRUE_MAILER_SECURE_EMAIL_CHANGE_ENABLED`: both addresses have to say yes. */
  secureEmailChange: boolean
  /** `GOTRUE_SMTP_MAX_FREQUENCY` and `GOTRUE_SMS_MAX_FREQUENCY`: the pause between two messages. */
  messageInterval: number
  /** `GOTRUE_MAILER_OTP_EXP`: how long a link or a code from a message is good. */
  otpLifetime: number
  /** `GOTRUE_EXTERNAL_FLOW_STATE_EXPIRY_DURATION`: provider dialog and code exchange together. */
  flowLifetime: number
  /** The one captcha answer that counts. `undefined`: none is asked for. */
  captcha: string | undefined
  /** Kong in front, as at Supabase: CORS is reflected, and a request without `apikey` is 401. */
  gateway: boolean
  /** Ends a GET /verify as a failed database does: no error, and nothing else either. */
  brokenVerify: boolean
  /** What the provider does: show its page, or answer at once. */
  provider: 'ask' | 'allow' | 'deny'
  /** The provider refuses the code that GoTrue brings. */
  providerFails: boolean
  /** `Cross-Origin-Opener-Policy` of the provider's page. `undefined`: none. */
  coop: string | undefined
  /** Who is signed in at the provider. */
  person: Person
  /** What goes wrong next. Whoever strikes last is removed. */
  faults: Fault[]
}

/** Every knob as a server has it that nobody configured, except that two providers are enabled. */
export function createKnobs(knobs: Partial<GoTrueKnobs> = {}): GoTrueKnobs {
  return {
    autoconfirm: false,
    phoneAutoconfirm: false,
    disableSignup: false,
    email: true,
    phone: true,
    anonymous: true,
    manualLinking: false,
    providers: ['github', 'google'],
    allowList: [],
    accessTokenLifetime: 3_600_000,
    reuseInterval: 0,
    rotation: true,
    timebox: Infinity,
    passwordMinLength: 6,
    reauthenticate: false,
    currentPassword: false,
    secureEmailChange: true,
    messageInterval: 60_000,
    otpLifetime: 3_600_000,
    flowLifetime: 300_000,
    captcha: undefined,
    gateway: false,
    brokenVerify: false,
    provider: 'ask',
    providerFails: false,
    coop: undefined,
    person: {
      sub: '483920',
      email: 'ada@winter.example',
      emailVerified: true,
      name: 'Ada Winter',
    },
    faults: [],
    ...knobs,
  }
}
