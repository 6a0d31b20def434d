import { readdirSync } from 'node:fs'

import { launchChromium } from './chromium.js'
import { launchFirefox } from './firefox.js'
import { find } from './process.js'
import type { Engine, EngineName } from './types.js'
import { launchWebKit } from './webkit.js'

/** What an engine needs: each package of Debian, with the path of the program it brings. */
type Needs = Readonly<Record<string, string | null>>

/**
 * The engines to run on. `BROWSERS=chromium,firefox` narrows them. An engine that is not installed
 * says so in `missing`, or fails the run when `REQUIRE_BROWSERS=1`.
 */
export function engines(): readonly Engine[] {
  const all = [chromium(), firefox(), webkit()]
  const wanted = process.env.BROWSERS?.split(',').map((name) => name.trim()) ?? []
  const unknown = wanted.filter((name) => all.every((engine) => engine.name !== name))
  if (unknown.length > 0) throw new Error(`BROWSERS names no engine: ${unknown.join(', ')}`)
  const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  const missing = chosen.flatMap((engine) =>
    engine.missing === null ? [] : [`${engine.name} is not installed: ${engine.missing}`],
  )
  if (missing.length > 0 && process.env.REQUIRE_BROWSERS === '1') {
    throw new Error(missing.join('\n'))
  }
  for (const line of missing) process.stderr.write(`Skipped, ${line}\n`)
  return chosen
}

function chromium(): Engine {
  const path = find('chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome')
  const needs = { chromium: path, ...screen() }
  return engine('chromium', needs, true, async () => launchChromium(path!))
}

function firefox(): Engine {
  const path = find('firefox-esr', 'firefox')
  return engine('firefox', { 'firefox-esr': path }, true, async () => launchFirefox(path!))
}

function webkit(): Engine {
  const driver = find('WebKitWebDriver')
  const browser = find(...miniBrowsers())
  const needs = { 'webkit2gtk-driver': driver && browser, ...screen() }
  const launch = async () => launchWebKit({ driver: driver!, browser: browser! })
  return engine('webkit', needs, false, launch)
}

function screen(): Needs {
  return { xvfb: find('Xvfb'), openbox: find('openbox') }
}

function engine(
  name: EngineName,
  needs: Needs,
  hasConsole: boolean,
  launch: Engine['launch'],
): Engine {
  const absent = Object.keys(needs).filter((program) => needs[program] === null)
  const missing =
    absent.length > 0 ? `apt-get install --no-install-recommends ${absent.join(' ')}` : null
  return { name, missing, console: hasConsole, launch }
}

/** MiniBrowser is in no PATH: Debian has it under the library's versioned folder. */
function miniBrowsers(): string[] {
  const folders = (folder: string) => {
    try {
      return readdirSync(folder).map((entry) => `${folder}/${entry}`)
    } catch {
      return []
    }
  }
  return ['/usr/lib', ...folders('/usr/lib').filter((folder) => folder.endsWith('-linux-gnu'))]
    .flatMap(folders)
    .filter((folder) => /\/webkit2gtk-\d/.test(folder))
    .map((folder) => `${folder}/MiniBrowser`)
    .sort()
    .reverse()
}
