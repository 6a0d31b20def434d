import { createRouter, createWebHistory } from 'vue-router'

import { auth } from './auth'
import Home from './Home.vue'
import Login from './Login.vue'
import Settings from './Settings.vue'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', component: Home },
    { path: '/login', component: Login },
    { path: '/settings/:section?', component: Settings, meta: { private: true } },
  ],
})

router.beforeEach(async (to) => {
  if (!to.meta.private) return true
  const { status } = await auth.ready() // the first answer; after it, at once
  // `error` is not signed out: the page comes, and says that nobody could be asked.
  return status !== 'unauthenticated' || { path: '/login', query: { next: to.fullPath } }
})
