import { fileURLToPath } from 'node:url'

import type { InlineConfig, Plugin } from 'vite'

import { PORT } from './plugin.js'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** The folder `.env` is looked for in. */
export const envDir = path('..')

/** One configuration for `vite demo` and for `startDemo`. */
export function createConfig(plugin: Plugin): InlineConfig {
  return {
    root: path('.'),
    // Credentials are for the server alone; the page is given no variables at all.
    envDir: false,
    cacheDir: path('../node_modules/.vite-demo'),
    plugins: [plugin],
    resolve: {
      // By its package names, so that the code on stage is the code a user writes.
      alias: [
        { find: /^latchkey$/, replacement: path('../src/index.ts') },
        { find: /^latchkey\/(aurinko|gotrue)$/, replacement: path('../src/adapters/$1/index.ts') },
        { find: /^latchkey\/(react|vue)$/, replacement: path('../src/$1/index.ts') },
        { find: /^latchkey\/callback$/, replacement: path('../src/callback.ts') },
        { find: /^latchkey\/oidc$/, replacement: path('../src/adapters/oidc/index.ts') },
      ],
    },
    define: {
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    optimizeDeps: {
      // All of them are known: none may be found late and reload the page in the middle of a talk.
      noDiscovery: true,
      include: [
        'nanostores',
        'oauth4webapi',
        'react',
        'react-dom/client',
        'react/jsx-dev-runtime',
        'react/jsx-runtime',
        'vue',
      ],
    },
    server: {
      host: 'localhost',
      port: PORT,
      open: false,
      // Vite's CORS would answer the preflights that are the auth server's to answer.
      cors: false,
    },
  }
}
