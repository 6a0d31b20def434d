import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vitest/config'

const react18 = fileURLToPath(new URL('./test/react18/node_modules', import.meta.url))

export default defineConfig({
  test: {
    reporters: ['default', './test/tally.ts'],
    projects: [
      {
        // So that the code in the docs runs as it stands there.
        resolve: { alias: { latchkey: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [
            'test/browser/**',
            'test/conformance/**',
            'test/package.test.ts',
            '**/node_modules/**',
          ],
          typecheck: {
            enabled: true,
            include: ['test/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
          },
        },
      },
      {
        // The same React tests once more, on React 18 (installed in test/react18).
        resolve: { alias: { react: `${react18}/react`, 'react-dom': `${react18}/react-dom` } },
        test: { name: 'react18', include: ['test/react/**/*.test.{ts,tsx}'] },
      },
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          // A server of one's own counts what it is asked: one file at a time.
          fileParallelism: false,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          // Real windows share one display and its keyboard focus: one file at a time.
          fileParallelism: false,
          // A loaded machine may be seconds late with a focus or a window. What is broken fails twice.
          retry: 1,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
