import type { Reporter, TestModule } from 'vitest/node'

/** Ends every run with one plain line that any CI can read: `N passed, N failed`. */
export default class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0
    let failed = 0
    let skipped = 0
    for (const module of modules) {
      let failures = 0
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed += 1
        else if (state === 'failed') failures += 1
        else skipped += 1
      }
      // A file that could not even be loaded ran no test, and is a failure all the same.
      failed += failures === 0 && module.state() === 'failed' ? 1 : failures
    }
    const tail = skipped > 0 ? `, ${skipped} skipped` : ''
    process.stdout.write(`${passed} passed, ${failed} failed${tail}\n`)
  }
}
