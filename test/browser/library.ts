import { fileURLToPath } from 'node:url'

import { build, type Rolldown } from 'vite'

/** An entry of the library as one module that a page can import, for pages served by hand. */
export async function buildLibrary(entry = 'src/index.ts'): Promise<string> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      lib: { entry: root + entry, formats: ['es'] },
      rolldownOptions: { output: { codeSplitting: false } },
    },
    define: { 'process.env.NODE_ENV': '"production"' },
  })) as Rolldown.RolldownOutput[]
  return built[0]!.output[0].code
}
