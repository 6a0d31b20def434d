import type { Call } from './call.js'

const COMMON =
  'apple azure bitbucket discord facebook github gitlab google keycloak linkedin notion spotify slack twitch twitter workos zoom'
const CURRENT = 'figma fly kakao linkedin_oidc slack_oidc snapchat'

/** `GET /settings`. Not every provider is listed: `x` and custom ones never are. */
export function answerSettings({ world: { flavor, knobs } }: Call): Response {
  const isFork = flavor === 'fork2022'
  const names = `${COMMON} ${isFork ? 'saml' : CURRENT}`.split(' ')
  const external = Object.fromEntries(names.map((name) => [name, knobs.providers.includes(name)]))
  const { email, phone, anonymous, disableSignup, autoconfirm, phoneAutoconfirm } = knobs
  return Response.json({
    external: { ...external, email, phone, ...(!isFork && { anonymous_users: anonymous }) },
    ...(isFork && { external_labels: {} }),
    disable_signup: disableSignup,
    mailer_autoconfirm: autoconfirm,
    phone_autoconfirm: phoneAutoconfirm,
    sms_provider: 'twilio',
    ...(!isFork && {
      saml_enabled: false,
      saml_private_key_next_configured: false,
      passkeys_enabled: false,
    }),
  })
}

/** `GET /health`. */
export const answerHealth = ({ world }: Call): Response =>
  Response.json({
    version: world.flavor === 'fork2022' ? 'stand-in-2022' : 'stand-in',
    name: 'GoTrue',
    description: 'GoTrue is a user registration and authentication API',
  })

/** `GET /.well-known/jwks.json`, which the fork does not have. */
export const answerKeys = async ({ world }: Call): Promise<Response> =>
  Response.json(await world.keys.jwks())
