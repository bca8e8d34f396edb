/** The pages of the console. The queue stands beside the map and a case; the other pages have the whole width. */
import { createRouter, createWebHistory } from 'vue-router'

import DeskPage from '@/pages/DeskPage.vue'
import { useSession } from '@/stores/session'

const RELOADED = 'bluevest.reloaded'
const RELOAD_AFTER_MS = 60_000

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: '/',
      component: DeskPage,
      children: [
        { path: '', name: 'map', component: () => import('@/pages/MapPage.vue') },
        { path: 'cases/:id', name: 'case', component: () => import('@/pages/CasePage.vue'), props: true },
      ],
    },
    { path: '/records', name: 'records', component: () => import('@/pages/RecordsPage.vue') },
    { path: '/people', name: 'people', component: () => import('@/pages/PeoplePage.vue') },
    { path: '/inbox', name: 'inbox', component: () => import('@/pages/InboxPage.vue') },
    { path: '/alarms', name: 'alarms', component: () => import('@/pages/AlarmsPage.vue') },
    { path: '/sign-in', name: 'sign-in', component: () => import('@/pages/SignInPage.vue'), meta: { open: true } },
    { path: '/:rest(.*)*', name: 'missing', component: () => import('@/pages/MissingPage.vue') },
  ],
})

/** A page that an upgrade took away is fetched anew with the whole console; once a minute, so that it cannot go round. */
router.onError((_fault, to) => {
  const last = Number(sessionStorage.getItem(RELOADED) ?? 0)
  if (Date.now() - last < RELOAD_AFTER_MS) return
  sessionStorage.setItem(RELOADED, String(Date.now()))
  location.assign(to.fullPath)
})

router.beforeEach(async (to) => {
  const session = useSession()
  await session.known
  const inside = session.me !== null && !session.me.needs_enrolment
  if (!inside && !to.meta['open']) return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (inside && to.name === 'sign-in') return { name: 'map' }
  return true
})
