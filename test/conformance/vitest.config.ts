import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vitest/config'

// The same files as in the unit project, alone and by name, for a server given by variables.
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    name: 'conformance',
    include: ['test/conformance/**/*.test.ts'],
    reporters: ['verbose', './test/tally.ts'],
    // One server, which counts what it is asked: one file at a time.
    fileParallelism: false,
    testTimeout: 60_000,
  },
})
