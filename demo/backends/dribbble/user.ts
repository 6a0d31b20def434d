import type { DribbbleState } from './state.js'

/** The fictional person who is always signed in at the stand-in. */
export const USER_NAME = 'Ada Winter'
/** Their login, and the path of their profile. */
export const USER_LOGIN = 'adawinter'

/** The JSON of `GET /v2/user`: HTML in the bio, a number for an id, blanks as `null`. */
export function describeUser({ siteURL, knobs }: DribbbleState): Record<string, unknown> {
  const email = { absent: undefined, null: null, value: 'ada@winter.example' }[knobs.emailMode]
  const team = {
    id: 39,
    name: 'Northlight',
    login: 'northlight',
    html_url: `${siteURL}/northlight`,
    avatar_url: `${siteURL}/avatars/northlight.svg`,
    bio: 'Type &amp; tools for long winters.',
    location: 'Tromsø, Norway',
    links: { web: 'https://northlight.example', twitter: null },
    type: 'Team',
    created_at: '2012-02-01T09:00:00Z',
    updated_at: '2026-01-15T09:00:00Z',
  }
  return {
    id: 483_920,
    name: USER_NAME,
    login: USER_LOGIN,
    html_url: `${siteURL}/${USER_LOGIN}`,
    avatar_url: `${siteURL}/avatars/${USER_LOGIN}.svg?1371679243`,
    bio: `Illustrator &amp; letterer at <a href="${siteURL}/northlight">@Northlight</a>.`,
    location: 'Tromsø, Norway',
    links: { web: 'https://ada.winter.example', twitter: null },
    can_upload_shot: true,
    pro: true,
    followers_count: 2718,
    created_at: '2011-12-10T08:15:00Z',
    type: 'User',
    teams: [team],
    email,
    ...knobs.user,
  }
}
