// The client comes first: it looks at the URL once, before the router may rewrite it.
import { auth } from './auth.js'
import { watchGoTrue } from './gotrue/client.js'
import { mountGoTrue } from './gotrue/page.js'
import { mountMailboxes, watchMailboxes } from './mailboxes.js'
import { mountCode } from './code.js'
import { mountDashboard } from './dashboard.js'
import { find, set } from './dom.js'
import { mountFaults } from './faults.js'
import { watchLanding } from './landed.js'
import { mountLog } from './log/log.js'
import { mountPlain } from './panels/plain.js'
import { mountReact } from './panels/react.js'
import { mountVue } from './panels/vue.js'
import { startRouter } from './router.js'
import { demo } from './state.js'
import { mountTheme } from './theme.js'

const PROVIDER = {
  'stand-in': 'A stand-in for Dribbble: no account needed',
  'dribbble.com': 'The real dribbble.com',
}

mountTheme(find('[data-action="theme"]'))
mountLog(find('.log'))
find('[data-provider]').textContent = demo.openid
  ? 'An OpenID provider: no account needed'
  : PROVIDER[demo.provider]

startRouter(
  new Map([
    ['/', { title: 'Latchkey demo', mount: mountHome }],
    [
      '/dashboard',
      {
        title: 'Dashboard · Latchkey demo',
        mount: (host) => mountDashboard(find('[data-mount="dashboard"]', host)),
      },
    ],
    ['/gotrue', { title: 'GoTrue · Latchkey demo', mount: mountGoTrue }],
    ['/mailboxes', { title: 'Mailboxes · Latchkey demo', mount: mountMailboxes }],
  ]),
)
void watchLanding()
void watchMailboxes()
void watchGoTrue()
auth.session.subscribe(({ status, data }) => {
  set(document.documentElement, 'data-session', status)
  find('[data-announce]').textContent = data ? `Signed in as ${data.user.name}` : status
})

function mountHome(host: HTMLElement): void {
  mountPlain(find('[data-mount="plain"]', host))
  mountReact(find('[data-mount="react"]', host))
  mountVue(find('[data-mount="vue"]', host))
  mountCode(find('.code', host), find('.panels', host))
  mountFaults(find('.faults', host), auth)
}
