import 'element-plus/dist/index.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import '@/styles/base.css'

import { createPinia } from 'pinia'
import { createApp } from 'vue'

import { whenSignedOut } from '@/api/http'
import App from '@/App.vue'
import { i18n } from '@/i18n'
import { router } from '@/router'
import { useSession } from '@/stores/session'

const app = createApp(App).use(createPinia()).use(i18n)
const session = useSession()

whenSignedOut(() => {
  session.$patch({ me: null })
})

app.use(router)
app.mount('#app')
