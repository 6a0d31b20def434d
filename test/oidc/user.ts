/** A person with a browser at the provider: cookies, redirects, and one decision. */
export interface User {
  /** Goes to `url` and decides, until the browser is sent to `app`: that URL. */
  readonly visit: (url: string, app: string, decision?: 'allow' | 'deny') => Promise<string>
}

export function createUser(): User {
  const cookies = new Map<string, string>()
  const go = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }
  return {
    visit: async (start, app, decision = 'allow') => {
      let url = start
      for (let step = 0; step < 12; step += 1) {
        if (url.startsWith(app)) return url
        let response = await go(url)
        if (response.status === 200) {
          // `URLSearchParams` as the body sends a form.
          response = await go(url, { method: 'POST', body: new URLSearchParams({ decision }) })
        }
        const location = response.headers.get('location')
        if (location === null) throw new Error(`HTTP ${response.status}: ${await response.text()}`)
        url = new URL(location, url).href
      }
      throw new Error(`Sent around in circles, at ${url}`)
    },
  }
}
