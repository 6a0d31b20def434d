import { readdir, readFile } from 'node:fs/promises'

import { expect, it } from 'vitest'

const at = (path: string): URL => new URL(path, import.meta.url)

it('the apps of these tests are the ones in the docs', async () => {
  const page = await readFile(at('../../docs/frameworks.md'), 'utf8')
  const blocks = page.matchAll(/^```\w+\n(?:\/\/|<!--) (\S+)(?: -->)?\n(.*?)^```$/gms)
  const shown = Object.fromEntries([...blocks].map(([, file, code]) => [file, code]))
  const files = await readdir(at('app/'))
  const tested = files.map(async (file) => {
    const code = await readFile(at(`app/${file}`), 'utf8')
    // Whose JSX it is, an app says in its tsconfig.
    return [file, code.replace('/** @jsxImportSource solid-js */\n', '')] as const
  })
  const {
    'Home.vue': _,
    'Settings.vue': __,
    ...apps
  } = Object.fromEntries(await Promise.all(tested))
  expect(shown).toEqual(apps)
  expect(page.match(/^```\w/gm)).toHaveLength(Object.keys(apps).length)
})
