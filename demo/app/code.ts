import { el, find, set } from './dom.js'
import { demo, provider } from './state.js'

/** Files that are never run but type-checked with everything else, so they stay true. */
const sources = import.meta.glob<string>('../snippets/*', {
  query: '?raw',
  import: 'default',
  eager: true,
})
const FILES = new Map([
  ['plain', 'plain.ts'],
  ['react', 'react.tsx'],
  ['vue', 'vue.ts'],
])

/** The code of whichever panel was touched last, by pointer or keyboard, or picked here. */
export function mountCode(host: HTMLElement, panels: HTMLElement): void {
  const file = find('[data-file]', host)
  const code = find('[data-code]', host)
  find('[data-client]', host).replaceChildren(
    ...highlight(read(demo.openid ? 'openid.ts' : 'auth.ts')),
  )

  const choices = [...host.querySelectorAll<HTMLElement>('[data-choose]')]
  const show = (name: string | undefined): void => {
    const snippet = FILES.get(name ?? '')
    if (snippet === undefined) return
    file.textContent = snippet
    code.replaceChildren(...highlight(read(snippet)))
    for (const choice of choices)
      set(choice, 'aria-pressed', String(choice.dataset.choose === name))
    for (const panel of panels.querySelectorAll<HTMLElement>('[data-panel]'))
      set(panel, 'data-focused', panel.dataset.panel === name && '')
  }
  const follow = ({ target }: Event): void =>
    show((target as Element).closest<HTMLElement>('[data-panel]')?.dataset.panel)
  panels.addEventListener('focusin', follow)
  panels.addEventListener('pointerdown', follow)
  for (const choice of choices) choice.onclick = () => show(choice.dataset.choose)
  show('plain')
}

/** As it would be pasted: with the ports that were free, and the provider that was chosen. */
const read = (name: string): string =>
  (sources[`../snippets/${name}`] ?? '')
    .replace('http://localhost:3000', location.origin)
    .replace('http://127.0.0.1:4000', demo.openid ?? '')
    .replaceAll(`'dribbble'`, `'${provider.name}'`)

const TOKENS =
  /(?<comment>\/\/.*)|(?<string>'[^']*')|(?<keyword>\b(?:import|from|export|const|function|return|if|void)\b)|(?<call>\b\w+(?=\())/g

/** As text in elements, never as HTML. */
function highlight(source: string): (Node | string)[] {
  const parts: (Node | string)[] = []
  let end = 0
  for (const { 0: text, index, groups = {} } of source.matchAll(TOKENS)) {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined) ?? ''
    parts.push(source.slice(end, index), el('span', { class: `token-${kind}` }, text))
    end = index + text.length
  }
  return [...parts, source.slice(end).trimEnd()]
}
