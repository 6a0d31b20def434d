/** Switches between light and dark; until pressed, the system decides. */
export function mountTheme(button: HTMLElement): void {
  const root = document.documentElement
  const system = matchMedia('(prefers-color-scheme: dark)')
  const isDark = (): boolean =>
    (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark'
  // What a press would bring.
  const show = (): void => {
    button.textContent = isDark() ? 'Light' : 'Dark'
  }
  button.onclick = () => {
    root.dataset.theme = isDark() ? 'light' : 'dark'
    try {
      localStorage.setItem('demo:theme', root.dataset.theme)
    } catch {
      // Storage is blocked: it holds for this page.
    }
    show()
  }
  system.addEventListener('change', show)
  show()
}
