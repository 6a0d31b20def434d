import { authPlugin, useSession } from 'latchkey/vue'
import { computed, createApp, defineComponent, h, onScopeDispose, shallowRef } from 'vue'

import { auth } from '../auth.js'
import { act } from './act.js'
import { now } from './clock.js'
import { describe, type Action, type Problem } from './view.js'

export function mountVue(host: HTMLElement): void {
  createApp(Panel).use(authPlugin, { client: auth }).mount(host)
}

const Panel = defineComponent(() => {
  const session = useSession()
  const problem = shallowRef<Problem | null>(null)
  const busy = shallowRef<Action | null>(null)
  const time = shallowRef(now.get())
  onScopeDispose(now.listen((value) => (time.value = value)))
  const view = computed(() => describe(session.value, problem.value, busy.value, time.value))

  const press = async (action: Action): Promise<void> => {
    busy.value = action
    problem.value = null
    problem.value = await act('Vue', action)
    busy.value = null
  }

  return () => {
    const { status, user, placeholder, expiry, buttons, code, note } = view.value
    const image = user?.image ? h('img', { src: user.image, alt: '', width: 48, height: 48 }) : null
    return [
      h('span', { class: 'status', 'data-status': status }, status),
      h('div', { class: 'person' }, [
        h('span', { class: 'avatar' }, [image]),
        h('div', [
          h('p', { class: 'name', 'data-user': user ? '' : undefined }, user?.name ?? placeholder),
          h('p', { class: 'expiry' }, expiry),
        ]),
      ]),
      h(
        'div',
        { class: 'actions' },
        buttons.map(({ action, label, disabled }) =>
          h(
            'button',
            {
              key: action,
              type: 'button',
              'data-action': action,
              'aria-disabled': disabled || undefined,
              onClick: () => disabled || void press(action),
            },
            label,
          ),
        ),
      ),
      h('p', { class: 'note' }, [code ? h('code', { 'data-error': code }, code) : null, ' ', note]),
    ]
  }
})
