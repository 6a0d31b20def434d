import { defineConfig } from 'vite'

// The library build. The demo has its own configuration in demo/vite.config.ts.
export default defineConfig({
  build: {
    lib: {
      entry: {
        index: 'src/index.ts',
        callback: 'src/callback.ts',
        'adapters/aurinko/index': 'src/adapters/aurinko/index.ts',
        'react/index': 'src/react/index.ts',
        'vue/index': 'src/vue/index.ts',
        'server/index': 'src/server/index.ts',
        'adapters/oidc/index': 'src/adapters/oidc/index.ts',
        'adapters/oidc/dpop': 'src/adapters/oidc/dpop.ts',
      },
      formats: ['es'],
    },
    target: 'es2022',
    minify: false, // the app minifies; a readable dist is a feature
    sourcemap: true,
    rolldownOptions: {
      checks: { moduleLevelDirective: false }, // 'use client' survives preserveModules
      external: [/^[^./]/], // every bare import stays an import
      output: { preserveModules: true, preserveModulesRoot: 'src', entryFileNames: '[name].js' },
    },
  },
})
