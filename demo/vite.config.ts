import { defineConfig, loadEnv } from 'vite'

import { createConfig, envDir } from './config.js'
import { createDemoPlugin } from './plugin.js'

// `npm run demo`. Set AURA_AUTH_DRIBBBLE_CLIENT_ID and AURA_AUTH_DRIBBBLE_CLIENT_SECRET, here or in
// `.env`, to sign in at the real Dribbble.
export default defineConfig(({ mode }) => {
  stopWithParent()
  const env = loadEnv(mode, envDir, ['AURA_AUTH_', 'DEMO_'])
  const coop = env['DEMO_PROVIDER_COOP'] || undefined
  return createConfig(createDemoPlugin({ env, coop }).plugin)
})

/** The shell between npm and this process dies of a SIGTERM without passing it on. */
function stopWithParent(): void {
  if (process.env['npm_lifecycle_event'] !== 'demo') return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 300)
  timer.unref()
}
