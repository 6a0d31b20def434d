import { atom, onMount } from 'nanostores'

/** ms since the epoch, every second, for as long as somebody looks. */
export const now = atom(Date.now())

onMount(now, () => {
  const timer = setInterval(() => now.set(Date.now()), 1000)
  return () => clearInterval(timer)
})
