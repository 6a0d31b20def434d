import { PLAIN_STYLE, toHTML } from '../page.js'

/** Where the user says yes or no. Tests press `#allow` and `#deny`. */
export function userPage(uid: string, client: string, user: string): string {
  return page(
    `Sign in to ${client}`,
    `<p>You are <strong>${user}</strong>.</p>
    <form method="post" action="/interaction/${uid}">
      <button id="allow" name="decision" value="allow">Allow</button>
      <button id="deny" name="decision" value="deny">Deny</button>
    </form>`,
  )
}

/** `form` is the provider's own. Tests press `#sign-out`. */
export function logoutPage(form: string): string {
  return page(
    'Sign out here too?',
    `${form}
    <button id="sign-out" form="op.logoutForm" name="logout" value="yes">Sign out</button>`,
  )
}

/** Everything here is this server's own: no text of a request is shown. */
function page(title: string, body: string): string {
  return toHTML({ title, head: PLAIN_STYLE, body: `<h1>${title}</h1>\n    ${body}` })
}
