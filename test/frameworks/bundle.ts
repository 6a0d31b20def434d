import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { transformAsync } from '@babel/core'
import solid from 'babel-preset-solid'
import { compile } from 'svelte/compiler'
import { build, type Plugin, type Rolldown } from 'vite'
import { afterAll, vi } from 'vitest'
import { compileScript, parse } from 'vue/compiler-sfc'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** A module of `test/frameworks/app`, as an app has it: evaluated once per client. */
export type Start<M> = (auth: AuthClient<AuraSession>) => Promise<M>

/**
 * Bundles these exports with the framework, its own compiler, and the conditions of a browser or a
 * server. What the app calls `./auth` is given by the test.
 *
 * @example
 * const start = await bundle<App>(`export { mount } from 'svelte'; export * from './Hello.svelte'`)
 * const { mount } = await start(auth)
 */
export async function bundle<M>(entry: string, server = false): Promise<Start<M>> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    resolve: {
      // As it is shipped: development builds count the copies of themselves, and every test has one.
      conditions: ['module', 'production', server ? 'node' : 'browser'],
      alias: [{ find: /^latchkey\/(\w+)$/, replacement: here('../../src/$1/index.ts') }],
    },
    define: {
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'true',
    },
    ssr: { noExternal: true },
    build: {
      write: false,
      minify: false,
      ssr: server,
      rolldownOptions: {
        input: 'entry',
        preserveEntrySignatures: 'strict',
        output: { format: 'es', codeSplitting: false },
      },
    },
    plugins: [theApp(entry), theCompilers(server)],
  })
  const [{ code }] = (result as Rolldown.RolldownOutput).output
  // In a `node_modules`, so that Node runs it as it is; and a file, so that its stack can be read.
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-'))
  afterAll(() => rm(folder, { recursive: true }))
  const file = join(folder, 'node_modules', 'app.mjs')
  await mkdir(dirname(file))
  await writeFile(file, code)
  const apps = new Map<unknown, Promise<M>>()
  return async (auth) => {
    vi.stubGlobal('auth', auth)
    const url = `${pathToFileURL(file).href}?${apps.size}`
    const app = apps.get(auth) ?? (import(/* @vite-ignore */ url) as Promise<M>)
    apps.set(auth, app)
    return app
  }
}

function theApp(entry: string): Plugin {
  return {
    name: 'app',
    enforce: 'pre',
    resolveId: (source) => {
      if (source === 'entry') return here('app/entry.ts')
      if (source === './auth') return '\0auth'
      return null
    },
    load: (id) => {
      if (id === here('app/entry.ts')) return entry
      if (id === '\0auth') return 'export const { auth } = globalThis'
      return null
    },
  }
}

/** What the frameworks' own Vite plugins do with a component, without what they do for editing it. */
function theCompilers(server: boolean): Plugin {
  const generate = server ? 'server' : 'client'
  return {
    name: 'compilers',
    enforce: 'pre',
    load: async (filename) => {
      if (filename.endsWith('.svelte')) {
        const source = await readFile(filename, 'utf8')
        const { js, warnings } = compile(source, { filename, generate })
        if (warnings[0]) throw new Error(warnings[0].message)
        return { code: js.code, moduleType: 'js' }
      }
      if (filename.endsWith('.vue')) {
        const { descriptor } = parse(await readFile(filename, 'utf8'), { filename })
        const { content } = compileScript(descriptor, { id: filename, inlineTemplate: true })
        return { code: content, moduleType: 'ts' }
      }
      const source = filename.endsWith('.tsx') ? await readFile(filename, 'utf8') : ''
      if (!source.includes('@jsxImportSource solid-js')) return null
      const done = await transformAsync(source, {
        filename,
        configFile: false,
        parserOpts: { plugins: ['typescript', 'jsx'] },
        presets: [[solid, { generate: server ? 'ssr' : 'dom', hydratable: true }]],
      })
      return { code: done?.code ?? '', moduleType: 'ts' }
    },
  }
}
