// What npm would publish: packed, installed in an empty folder and used from there as an app does.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build, type Rolldown } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest
const peers = Object.keys(manifest.peerDependencies)

/** The subpaths that are modules, such as `.` and `./server`. */
const entries = Object.keys(manifest.exports).filter((subpath) => !subpath.endsWith('.json'))
const browserEntries = entries.filter((subpath) => !/^\.\/server(\/|$)/.test(subpath))
const specifier = (subpath: string) => manifest.name + subpath.slice(1)

let folder = ''
/** An app with the package and its dependencies, but without any framework. */
let bare = ''
/** The same with the optional peers and their types. */
let full = ''
let tarball = ''
let files: readonly string[] = []

/** Runs a program, and fails with all it had to say. */
async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, timeout: 90_000, maxBuffer: 1 << 24 }
    execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      reject(new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error }))
    })
  })
}

/** Runs a program of the development dependencies. */
const tool = async (name: string, args: readonly string[], cwd: string) =>
  run(join(root, 'node_modules', '.bin', name), args, cwd)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-package-'))
  bare = join(folder, 'bare')
  full = join(folder, 'full')
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const [packed] = JSON.parse(await run('npm', pack, root)) as [
    { filename: string; files: { path: string }[] },
  ]
  tarball = join(folder, packed.filename)
  files = packed.files.map(({ path }) => path)

  await mkdir(bare)
  const dependencies: Record<string, string> = { [manifest.name]: `file:${tarball}` }
  // The dependencies are the ones installed here: the same versions, and no network.
  for (const name of Object.keys(manifest.dependencies)) {
    dependencies[name] = `file:${join(root, 'node_modules', name)}`
  }
  const app = { private: true, type: 'module', dependencies }
  await writeFile(join(bare, 'package.json'), JSON.stringify(app))
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund'], bare)

  await cp(bare, full, { recursive: true, verbatimSymlinks: true })
  await mkdir(join(full, 'node_modules', '@types'))
  for (const name of [...peers, '@types/react']) {
    const here = join('node_modules', name)
    await symlink(join(root, here), join(full, here), 'dir')
  }
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('the tarball', () => {
  test('has dist, README, LICENSE and package.json, and nothing else', () => {
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
    const shipped = /^(dist\/.+\.(js|js\.map|d\.ts|d\.ts\.map)|LICENSE|README\.md|package\.json)$/
    expect(files.filter((path) => !shipped.test(path))).toEqual([])
    expect(files.filter((path) => /(^|\/)(test|demo)\/|\.test\b|\.test-d\b/.test(path))).toEqual([])
  })

  test('has every file that `exports` names', () => {
    const targets = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    )
    const named = targets.map((target) => target.replace('./', ''))
    expect(named.filter((path) => !files.includes(path))).toEqual([])
  })

  test('has the types of every module', () => {
    const modules = files.filter((path) => path.endsWith('.js'))
    const untyped = modules.filter((path) => !files.includes(path.replace(/\.js$/, '.d.ts')))
    expect(untyped).toEqual([])
  })

  test('is what publint and attw ask for', async () => {
    await tool('publint', ['run', tarball, '--strict'], root)
    await tool('attw', [tarball, '--profile', 'esm-only'], root)
  })
})

describe('importing in plain Node', () => {
  // Whatever a module does at import has to go through one of these, or leave something behind.
  // Dependencies go first: Vue and nanostores each keep a global of their own.
  const others = [...Object.keys(manifest.dependencies), ...peers]
  const script = (name: string) => `
    for (const name of ${JSON.stringify(others)}) await import(name).catch(() => {})
    const before = Object.getOwnPropertyNames(globalThis).join()
    const calls = []
    for (const name of ['fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask',
      'addEventListener', 'BroadcastChannel']) {
      if (name in globalThis) globalThis[name] = function () { calls.push(name) }
    }
    process.on = process.once = () => { calls.push('process.on') }
    const entry = await import(${JSON.stringify(name)})
    const left = Object.getOwnPropertyNames(globalThis).join() === before ? [] : ['a global']
    console.log(JSON.stringify({ names: Object.keys(entry), effects: [...calls, ...left] }))`

  const load = async (subpath: string, app: string) => {
    const flags = ['--input-type=module', '--eval', script(specifier(subpath))]
    // It also has to end on its own, within the time that `run` gives it.
    const output = await run(process.execPath, flags, app)
    return JSON.parse(output) as { names: string[]; effects: string[] }
  }

  test.each(entries)('%s does nothing', async (subpath) => {
    const { names, effects } = await load(subpath, full)
    expect(effects).toEqual([])
    // The callback page's entry is the one that is only there to run.
    if (subpath !== './callback') expect(names).not.toEqual([])
  })

  const frameworkless = entries.filter(
    (entry) => !peers.some((peer) => entry.startsWith(`./${peer}`)),
  )

  test.each(frameworkless)('%s needs no framework', async (subpath) => {
    await load(subpath, bare)
  })
})

describe('bundling for the browser', () => {
  /** Every chunk that Vite makes of this code, those that load later too. */
  async function bundle(code: string): Promise<Rolldown.OutputChunk[]> {
    const input = join(full, 'entry.js')
    await writeFile(input, code)
    const external = peers.map((peer) => new RegExp(`^${peer}(/|$)`))
    const output = await build({
      root: full,
      configFile: false,
      logLevel: 'silent',
      build: { write: false, modulePreload: false, rolldownOptions: { input, external } },
    })
    const results = [output].flat() as Rolldown.RolldownOutput[]
    return results.flatMap((result) => result.output.filter((file) => file.type === 'chunk'))
  }

  test.each(browserEntries)('%s brings nothing that it need not', async (subpath) => {
    const allowed = ['nanostores', ...(subpath.startsWith('./oidc') ? ['oauth4webapi'] : [])]
    const code = `import * as entry from '${specifier(subpath)}'; globalThis.entry = entry`
    const chunks = await bundle(code)
    const modules = chunks.flatMap((chunk) => chunk.moduleIds)
    // Rolldown's own helpers start with \0, and the app's entry is in no package.
    const packages = modules.flatMap(
      (id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? [],
    )
    const brought = [...new Set(packages)].filter((name) => !allowed.includes(name))
    expect(brought).toEqual([manifest.name])
    expect(modules.filter((id) => id.includes('/dist/server/'))).toEqual([])
    expect(modules.filter((id) => id.includes('browser-external'))).toEqual([])
    const external = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])
    const own = chunks.map((chunk) => chunk.fileName)
    const foreign = external.filter((name) => !own.includes(name))
    expect(foreign.filter((name) => !peers.includes(name.split('/')[0]!))).toEqual([])
  })

  test.each(browserEntries)('an import of %s for its effect', async (subpath) => {
    const [chunk] = await bundle(`import '${specifier(subpath)}'`)
    const modules = chunk!.moduleIds.filter((id) => id.includes(`/${manifest.name}/dist/`))
    // Only this one has an effect, and a bundler that dropped it would break the callback page.
    if (subpath === './callback') expect(modules).not.toEqual([])
    else expect(modules).toEqual([])
  })
})

describe('types, with every library checked', () => {
  test.each([
    ['bundler', 'ESNext'],
    ['nodenext', 'NodeNext'],
  ])('moduleResolution %s', async (moduleResolution, module) => {
    const reexports = entries.map((entry, n) => `export * as entry${n} from '${specifier(entry)}'`)
    const sample = `
      import { createAuthClient, type Session } from '${manifest.name}'
      const client = createAuthClient({ baseURL: 'http://localhost:3000/auth' })
      export const session: Promise<Session | null> = client.getSession()
      // @ts-expect-error nobody may be signed in
      export const id = client.getSession().then((session) => session.user.id)`
    const config = {
      compilerOptions: {
        module,
        moduleResolution,
        target: 'ES2022',
        lib: ['ES2022', 'DOM', 'DOM.Iterable'],
        types: [],
        jsx: 'react-jsx',
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
      },
      files: ['entries.ts', 'sample.ts'],
    }
    await writeFile(join(full, 'entries.ts'), reexports.join('\n'))
    await writeFile(join(full, 'sample.ts'), sample)
    await writeFile(join(full, 'tsconfig.json'), JSON.stringify(config))
    await tool('tsc', ['-p', 'tsconfig.json'], full)
  })
})

describe('size', () => {
  test('every budget is kept', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8')
    const sizes: unknown = JSON.parse(await tool('size-limit', ['--json'], root))
    for (const { name, size } of sizes as { name: string; size: number }[]) {
      process.stdout.write(`${String(size).padStart(6)} B  ${name}\n`)
      // What the README says is what was measured: a row of its table, or the line below it.
      const row = name.includes(',') ? ':' : `${name.replaceAll(/latchkey[/\w]*/g, '`$&`')} |`
      expect(readme).toContain(`${row} ${(size / 1000).toFixed(1)} kB`)
    }
  })

  test('every browser entry has a budget', async () => {
    const { default: budgets } = (await import(`${root}/.size-limit.js`)) as {
      default: readonly { path: string }[]
    }
    const paths = budgets.map(({ path }) => `./${path}`)
    const unbounded = browserEntries.filter((subpath) => {
      const target = manifest.exports[subpath]!
      return !paths.includes(typeof target === 'string' ? target : target.default!)
    })
    expect(unbounded).toEqual([])
  })
})
