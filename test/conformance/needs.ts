import { test } from 'vitest'

/**
 * A case that only some servers can be made to show. Where one cannot, it stands in the report as
 * skipped, with what is missing: marked, not dropped.
 *
 * @example
 * const check = cases<'clock'>((need) => need !== 'clock' || server.standIn !== null)
 * check(['clock'], 'an expired token is 401', async () => {})
 */
export const cases =
  <Need extends string>(can: (need: Need) => boolean) =>
  (needs: readonly Need[], name: string, run: () => Promise<void>): void => {
    const missing = needs.filter((need) => !can(need))
    if (missing.length > 0) test.skip(`${name} (this server lacks: ${missing.join(', ')})`, run)
    else test(name, run)
  }
