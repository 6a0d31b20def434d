// The harness proves itself: each test is one thing that every popup test silently relies on.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { onEachEngine } from './lab.js'
import { serve, type Document, type Site } from './site.js'

const script = `
  const channel = new BroadcastChannel('engines')
  const heard = []
  const pageshows = []
  let popup = null
  channel.onmessage = (event) => {
    heard.push(event.data)
    document.getElementById('heard').textContent = heard.join(' ')
  }
  addEventListener('pageshow', (event) => pageshows.push(event.persisted))
  const open = (url) => { popup = window.open(url, 'n' + Math.random(), 'popup,width=420,height=400') }
  document.getElementById('open').onclick = (event) => {
    window.trusted = event.isTrusted
    open(new URLSearchParams(location.search).get('popup'))
  }
  document.getElementById('say').onclick = () => channel.postMessage('hello-from-' + location.pathname.slice(1))
  console.info('ready', location.pathname)
`

const strictest = `default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'`

const answer = (url: URL): Document => {
  const coop = url.searchParams.get('coop')
  return {
    html: `<!doctype html><title>${url.pathname}</title>
      <button id="open">Open</button> <button id="say">Say</button> <a href="/next">Next</a>
      <p id="heard"></p><script>${script}</script>`,
    headers: {
      ...(coop && { 'cross-origin-opener-policy': coop }),
      ...(url.searchParams.has('csp') && { 'content-security-policy': strictest }),
    },
  }
}

let site: Site

beforeAll(async () => {
  site = await serve(answer)
})

afterAll(async () => {
  await site.close()
})

const appWith = (popup: string) => `${site.app}/app?popup=${encodeURIComponent(popup)}`

onEachEngine(({ engine, profile }) => {
  test('a click is trusted, opens a window and gives it the focus', async () => {
    const { page, popup } = await profile()
    const app = await page(appWith(`${site.provider}/popup`))
    expect(await app.evaluate('document.hasFocus()')).toBe(true)
    const window = await popup(async () => app.click('#open'))
    await window.waitFor(`location.pathname === '/popup' && document.hasFocus()`)
    await app.waitFor('!document.hasFocus()')
    expect(await app.evaluate('[trusted, popup.closed]')).toEqual([true, false])
    expect(await window.url()).toBe(`${site.provider}/popup`)
  })

  test('the blocker refuses a window nobody clicked for, also after the page was looked at', async () => {
    const { page, pages } = await profile()
    const app = await page(appWith(`${site.app}/popup`))
    await app.waitFor('heard.length === 0')
    expect(await app.evaluate(`(open('/popup'), popup === null)`)).toBe(true)
    expect(await pages()).toHaveLength(1)
  })

  test('popup and opener of one origin hear each other by BroadcastChannel', async () => {
    const { page, popup } = await profile()
    const app = await page(appWith(`${site.app}/popup`))
    const window = await popup(async () => app.click('#open'))
    await window.click('#say')
    await app.waitFor(`heard.includes('hello-from-popup')`)
    await app.click('#say')
    await window.waitFor(`heard.includes('hello-from-app')`)
    expect(await app.text('#heard')).toBe('hello-from-popup')
  })

  test('COOP makes a window look closed that lives, has the focus and is heard', async () => {
    const { page, popup } = await profile()
    const app = await page(appWith(`${site.provider}/popup?coop=same-origin`))
    const window = await popup(async () => app.click('#open'))
    await app.waitFor('popup.closed')
    expect(await window.isClosed()).toBe(false)
    await window.waitFor('document.hasFocus() && opener === null')
    await app.waitFor('!document.hasFocus()')
    await window.follow(`${site.app}/callback`)
    await window.click('#say')
    await app.waitFor(`heard.includes('hello-from-callback')`)
  })

  for (const coop of ['', '?coop=same-origin']) {
    const kind = coop ? 'a severed' : 'a'
    test(`when the user closes ${kind} popup, the app has the focus again`, async () => {
      const { page, pages, popup } = await profile()
      const app = await page(appWith(`${site.provider}/popup${coop}`))
      const window = await popup(async () => app.click('#open'))
      await window.waitFor(`location.pathname === '/popup' && document.hasFocus()`)
      await app.waitFor('!document.hasFocus()')
      await window.closeByUser()
      await app.waitFor('document.hasFocus() && popup.closed', { timeout: 2_000 })
      expect(await window.isClosed()).toBe(true)
      expect(await pages()).toEqual([app])
    })
  }

  test('a user can go back to the app while the popup is open, and to the popup again', async () => {
    const { page, popup } = await profile()
    const app = await page(appWith(`${site.provider}/popup`))
    const window = await popup(async () => app.click('#open'))
    await window.waitFor(`location.pathname === '/popup' && document.hasFocus()`)
    await app.bringToFront()
    await window.waitFor('!document.hasFocus()')
    await window.bringToFront()
    await app.waitFor('!document.hasFocus()')
  })

  test('a title that the page sets while it is brought to the front stays', async () => {
    const { page } = await profile()
    const app = await page(`${site.app}/app`)
    await page(`${site.app}/other`)
    // Whoever changes it first (a driver may, to find the window) is answered with another one.
    await app.evaluate(`new MutationObserver((_, watching) => {
      watching.disconnect()
      document.title = 'Ada Winter'
    }).observe(document.querySelector('title'), { childList: true })`)
    await app.bringToFront()
    expect(['/app', 'Ada Winter']).toContain(await app.evaluate('document.title'))
  })

  test('a popup that closes itself is gone', async () => {
    const { page, popup } = await profile()
    const app = await page(appWith(`${site.app}/popup`))
    const window = await popup(async () => app.click('#open'))
    await window.waitFor(`location.pathname === '/popup'`)
    await window.evaluate('void setTimeout(() => close())')
    await window.waitForClose()
    await app.waitFor('popup.closed && document.hasFocus()')
    await expect(window.waitFor('true')).rejects.toThrow('The window was closed')
  })

  test('two tabs of a profile hear each other, those of another profile do not', async () => {
    const mine = await profile()
    const theirs = await profile()
    const one = await mine.page(`${site.app}/one`)
    const two = await mine.page(`${site.app}/two`)
    const stranger = await theirs.page(`${site.app}/stranger`)
    for (const page of [one, stranger])
      await page.evaluate(`localStorage.setItem('by', location.pathname)`)
    await two.click('#say')
    await one.waitFor(`heard.includes('hello-from-two')`)
    expect(await two.evaluate(`localStorage.getItem('by')`)).toBe('/one')
    expect(await stranger.evaluate('[localStorage.by, heard.length]')).toEqual(['/stranger', 0])
  })

  test('twelve tabs of a profile all hear one of them', async () => {
    const { page, pages } = await profile()
    const first = await page(`${site.app}/first`)
    const others = []
    for (let count = 1; count < 12; count += 1) others.push(await page(`${site.app}/other`))
    expect(await pages()).toHaveLength(12)
    await first.click('#say')
    for (const other of others) await other.waitFor(`heard.includes('hello-from-first')`)
  })

  test('a page is looked at through the strictest content security policy', async () => {
    const { page } = await profile()
    const strict = await page(`${site.app}/strict?csp=1`)
    await strict.evaluate(`void document.addEventListener('securitypolicyviolation', (event) => {
      document.title = event.violatedDirective
    })`)
    expect(await strict.evaluate((a: number) => a + 1, 1)).toBe(2)
    expect(await strict.text('#open')).toBe('Open')
    expect(await strict.evaluate('document.title')).toBe('/strict')
  })

  test('a screenshot is a PNG', async () => {
    const { page } = await profile()
    const app = await page(`${site.app}/app`)
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-'))
    const path = join(folder, 'app.png')
    await app.screenshot(path)
    expect((await readFile(path)).subarray(1, 4).toString()).toBe('PNG')
    await rm(folder, { recursive: true })
  })

  test('Back brings the page out of the page cache as it was left', async () => {
    const { page } = await profile()
    const app = await page(`${site.app}/app`)
    // An open channel would keep the page out of the cache in some engines.
    await app.evaluate(`(channel.close(), window.mark = 'left like this')`)
    await app.click('a')
    await app.waitFor(`location.pathname === '/next'`)
    await app.goBack()
    await app.waitFor('pageshows.length === 2')
    expect(await app.evaluate('[window.mark, pageshows]')).toEqual([
      'left like this',
      [false, true],
    ])
  })

  test('reload runs the page anew', async () => {
    const { page } = await profile()
    const app = await page(`${site.app}/app`)
    await app.evaluate(`window.mark = 1`)
    await app.reload()
    expect(await app.evaluate('window.mark')).toBe(null)
  })

  test('evaluate takes functions, promises and arguments, and passes errors on', async () => {
    const { page } = await profile()
    const app = await page(`${site.app}/app`)
    expect(await app.evaluate(async (a: number, b: string) => Promise.resolve(a + b), 1, 'x')).toBe(
      '1x',
    )
    expect(await app.evaluate('undefined')).toBe(null)
    await expect(app.evaluate(`Promise.reject(new Error('from the page'))`)).rejects.toThrow(
      'from the page',
    )
    await expect(app.waitFor('false', { timeout: 100 })).rejects.toThrow('Waited in vain for false')
  })

  test('the console is heard where the driver can hear it', async () => {
    const { page } = await profile()
    const app = await page(`${site.app}/app`)
    await app.evaluate(`void setTimeout(() => { throw new Error('thrown') })`)
    if (!engine.console) return expect(app.messages).toEqual([])
    await expect.poll(() => app.messages).toContain('info: ready /app')
    await expect.poll(() => app.messages.join()).toContain('thrown')
  })
})
