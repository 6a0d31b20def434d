import type { Transaction } from '../../types.js'

/** What nobody but a GoTrue would send: tokens, a failure with its code, its mark, a notice. */
const SIGNS =
  /#(?=.*access_token=).*refresh_token=|error_code=.*error_description=|[#&]sb=|[?#&]message=Confirmation/

/** A code: a UUID, or nothing at all where the server failed. */
const CODE =
  /([?&])(?:code=(?:[\da-f]{8}-[\da-f-]{27})?|message=Confirmation[^&#]*)(?:(&)|(?=#|$))/g

/** What is added behind the last `#`. */
const GROUP = /#[^#?/]*\b(?:access_token|error|error_code|message)=[^#]*$/

/**
 * What is left of an address that brings something of GoTrue's; `false`: it does not. OAuth sends a
 * `state` beside a code, and GoTrue never does. `pending`: a sign-in that was to come back to another
 * page than this one. Where that was not allowed it comes to the root, as a rule; a link from a mail
 * is no answer to it.
 */
export function claim({ href, pathname }: URL, pending?: Transaction): string | false {
  const isMine = SIGNS.test(href) || (href.search(CODE) >= 0 && !/[?&#](state|iss)=/.test(href))
  if (!isMine || (pending && (pathname !== '/' || /[#&]type=/.test(href)))) return false
  return href
    .replace(GROUP, '')
    .replace(CODE, (_, before: string, more: string | undefined) => (more ? before : ''))
}
