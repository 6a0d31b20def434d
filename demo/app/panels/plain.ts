import { auth } from '../auth.js'
import { el, set } from '../dom.js'
import { landed } from '../landed.js'
import { act } from './act.js'
import { now } from './clock.js'
import { describe, type Action, type Problem, type View } from './view.js'

/** The panel without a framework: elements made once, and brought up to date when told. */
export function mountPlain(host: HTMLElement): void {
  let problem: Problem | null = null
  let busy: Action | null = null

  const status = el('span', { class: 'status' })
  const avatar = el('img', { alt: '', width: '48', height: '48' })
  const name = el('p', { class: 'name' })
  const expiry = el('p', { class: 'expiry' })
  const note = el('p', { class: 'note' })
  const actions = el('div', { class: 'actions' })
  const picture = el('span', { class: 'avatar' })
  host.append(
    status,
    el('div', { class: 'person' }, picture, el('div', {}, name, expiry)),
    actions,
    note,
  )

  const press = async (action: Action): Promise<void> => {
    busy = action
    problem = null
    const doing = act('TypeScript', action)
    draw()
    problem = await doing
    busy = null
    draw()
  }
  const buttons = new Map(
    (['sign-in', 'popup', 'sign-out'] as const).map((action) => {
      const button = el('button', { type: 'button', 'data-action': action })
      button.onclick = () => {
        if (button.getAttribute('aria-disabled') !== 'true') void press(action)
      }
      actions.append(button)
      return [action, button]
    }),
  )

  const draw = (): void => {
    const view = describe(auth.session.value, problem, busy, now.get())
    set(status, 'data-status', view.status)
    status.textContent = view.status
    name.textContent = view.user?.name ?? view.placeholder
    set(name, 'data-user', view.user && '')
    set(avatar, 'src', view.user?.image ?? null)
    picture.replaceChildren(...(view.user?.image ? [avatar] : []))
    expiry.textContent = view.expiry
    drawNote(note, view)
    for (const { action, label, disabled } of view.buttons) {
      const button = buttons.get(action)
      if (!button) continue
      button.textContent = label
      set(button, 'aria-disabled', disabled && 'true')
    }
  }
  // A blocked popup became a redirect, and that one came back to where it had started.
  landed.subscribe((result) => {
    problem ??= result
    draw()
  })
  auth.session.subscribe(draw)
  now.listen(draw)
}

function drawNote(note: HTMLElement, { code, note: text }: View): void {
  note.replaceChildren(...(code ? [el('code', { 'data-error': code }, code), ' '] : []), text)
}
