type Child = Node | string | null

/** An element with attributes and children. `false` and `null` leave an attribute out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | boolean | null>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) set(element, name, value)
  element.append(...children.filter((child) => child !== null))
  return element
}

/** Sets or removes one attribute, and touches nothing that is right already. */
export function set(element: Element, name: string, value: string | boolean | null): void {
  if (value === false || value === null) element.removeAttribute(name)
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value))
}

/** The element that the page's own HTML is known to have. */
export function find(selector: string, within: ParentNode = document): HTMLElement {
  const element = within.querySelector<HTMLElement>(selector)
  if (element) return element
  throw new Error(`index.html has no ${selector}`)
}
