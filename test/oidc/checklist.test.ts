import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

const read = async (path: string): Promise<string> =>
  readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

const docs = await read('docs/oidc.md')
const rows = docs
  .slice(docs.indexOf('## Which rules are kept'))
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')))

test('the table of rules is read', () => {
  expect(rows.length).toBeGreaterThan(25)
})

test.each(rows)('%s (%s) is held by a test that there is', async (_, section, held = '') => {
  expect(section).toMatch(/\d/)
  // What no code of ours can hold says whose it is.
  if (/^(yours|nobody): /.test(held)) return
  let file = ''
  for (const named of held.split('; ')) {
    const [, path, name = ''] = /^(?:`([\w/-]+)`: )?“(.+)”$/.exec(named) ?? []
    if (path !== undefined) file = await read(`test/${path}.test.ts`)
    const names = [...file.matchAll(/(['`])((?:\\.|(?!\1).)*)\1/g)].map(([, , text]) => text!)
    expect(names.map((text) => text.replaceAll('\\', ''))).toContainEqual(
      expect.stringContaining(name),
    )
    expect(name).not.toBe('')
  }
})
