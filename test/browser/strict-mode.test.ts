import { fileURLToPath } from 'node:url'

import { build, type Rolldown } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCodeStage, type CodeStage } from './code-stage.js'
import { onEachEngine } from './lab.js'
import type { Page, Profile } from './types.js'

// React in StrictMode, which mounts everything twice

const start = `
  import { auth } from '/client.js'
  await auth.prepare()
  document.getElementById('redirect').onclick = () => void auth.signIn('x', { redirectTo: '/strict' })
  await import('/react.js')
  window.isReady = true
`
let stage: CodeStage

beforeAll(async () => {
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      lib: {
        entry: fileURLToPath(new URL('./strict-mode.tsx', import.meta.url)),
        formats: ['es'],
      },
      rolldownOptions: { output: { codeSplitting: false } },
    },
    // In production StrictMode does nothing.
    define: { 'process.env.NODE_ENV': '"development"' },
  })) as Rolldown.RolldownOutput[]
  stage = await startCodeStage({ '/react.js': built[0]!.output[0].code, '/strict.js': start })
})
afterAll(async () => stage.close())

const open = async ({ page }: Profile): Promise<Page> => {
  const app = await page(`${stage.app}/strict`)
  await app.waitFor('window.isReady === true')
  return app
}

onEachEngine(({ profile }) => {
  test('an effect that completes the sign-in does so once, and is told the same twice', async () => {
    const app = await open(await profile())
    const before = stage.spent.length
    await app.click('#redirect')
    await app.click('#allow')
    await app.waitFor(`document.querySelector('#user')?.textContent === 'Ada'`)
    expect(
      await app.evaluate(`Promise.all(window.completions).then(([one, two, ...more]) =>
        [one === two, one.session.user.name, more.length])`),
    ).toEqual([true, 'Ada', 0])
    expect(stage.spent.length - before).toBe(1)
  })

  test('a component that goes while its popup is open takes nothing with it', async () => {
    const user = await profile()
    const app = await open(user)
    const before = stage.spent.length
    const popup = await user.popup(async () => app.click('#strict'))
    await app.waitFor(`document.querySelector('#started') !== null`)
    await popup.click('#allow')
    await app.waitFor(`document.querySelector('#user').textContent === 'Ada'`)
    await popup.waitForClose()
    expect(stage.spent.length - before).toBe(1)
    expect(await app.evaluate('sessionStorage.length')).toBe(0)
  })
})
