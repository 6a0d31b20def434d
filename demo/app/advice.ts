import type { AuthError } from 'latchkey'

const later = 'The auth server gives no answer. Nothing is lost: ask again later.'

const ADVICE = new Map<string, string>([
  ['access_denied', 'You said no. Nothing happened: sign in again whenever you like.'],
  ['application_suspended', 'Dribbble has suspended this app. Its owner has to sort that out.'],
  ['popup_closed', 'The window was closed. Finish in it after all, and you are signed in.'],
  ['popup_blocked', 'The browser blocked the window. Allow popups for this page, or use redirect.'],
  ['popup_timeout', 'That took longer than the server waits. Try again.'],
  ['superseded', 'Another sign-in took its place.'],
  ['redirect_cancelled', 'You came back before you were done. Sign in again whenever you like.'],
  ['session_expired', 'The session has ended on the server. Sign in again.'],
  ['state_unknown', 'This sign-in was finished before, or belongs to another tab. Start afresh.'],
  ['network', later],
  ['timeout', later],
  ['server_error', later],
  ['rate_limited', 'Too many requests. Wait a moment.'],
  ['over_request_rate_limit', 'Too many requests. Wait a moment.'],
  ['conflict', 'Another request was at it. Nothing is lost: try again.'],
  ['invalid_credentials', 'No such user, or another password. Sign up first?'],
  ['email_not_confirmed', 'Open the link in the mail first: it is in the outbox.'],
  ['otp_expired', 'The link or code was used before, or is too old. Ask for another.'],
  ['provider_disabled', 'The server has this provider off, so no window was opened.'],
  ['unsupported', 'This server cannot do that, and was not asked to.'],
  ['cookie_blocked', 'The browser does not send the session cookie back.'],
  ['storage_unavailable', 'This browser blocks storage, which a redirect needs. Allow cookies.'],
])

/** What to tell the person in front of the screen. */
export function advise({ code, message }: AuthError): string {
  return ADVICE.get(code) ?? message
}
