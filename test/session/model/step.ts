import fc from 'fast-check'

/** One thing that happens, to the tab with this number where it happens to one. */
export type Step =
  | { readonly do: OnTab; readonly tab: number }
  | { readonly do: 'refetch'; readonly tab: number; readonly fresh: boolean }
  /** The backend comes back to one of those who wait, out of order. */
  | { readonly do: 'answer'; readonly which: number; readonly how: How }
  /** Somebody signs in or out at the backend's own URL, and no tab is told. */
  | { readonly do: 'elsewhere'; readonly isIn: boolean }
  | { readonly do: 'advance'; readonly ms: number }
  /** The clock is set, by this much. */
  | { readonly do: 'jump'; readonly ms: number }

type OnTab =
  | 'mount'
  | 'unmount'
  | 'signIn'
  | 'signOut'
  | 'ready'
  | 'show'
  | 'hide'
  | 'connect'
  | 'disconnect'
  | 'leave'
  | 'back'
  | 'reload'
  | 'crash'

/** `ok`: whoever was signed in when it was asked. */
export type How = 'ok' | 'network' | '503' | '429'

const tab = fc.nat(2)
const onTab = (...names: OnTab[]) => fc.record({ do: fc.constantFrom(...names), tab })
const time = fc.constantFrom(1, 400, 1_000, 5_000, 10_000, 31_000, 400_000)

/** Up to thirty steps. What makes no sense when its turn comes, such as to unmount nothing, is left out. */
export const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: onTab('mount', 'unmount') },
    { weight: 3, arbitrary: onTab('signIn', 'signOut', 'signOut') },
    { weight: 2, arbitrary: onTab('show', 'hide', 'connect', 'disconnect') },
    { weight: 2, arbitrary: onTab('leave', 'back', 'reload', 'crash', 'ready') },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('refetch' as const), tab, fresh: fc.boolean() }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('answer' as const),
        which: fc.nat(3),
        how: fc.constantFrom<How[]>('ok', 'ok', 'ok', 'network', '503', '429'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('elsewhere' as const), isIn: fc.boolean() }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: time }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('jump' as const),
        // Back by more than it is given to catch up: it may tell the same time once only.
        ms: fc.constantFrom(-28_800_000, -7_200_000, 3_000, 600_000, 28_800_000),
      }),
    },
  ),
  { minLength: 1, maxLength: 30 },
)
