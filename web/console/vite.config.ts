import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { compression } from 'vite-plugin-compression2'
import { defineConfig } from 'vitest/config'

const service = process.env['BLUEVEST_URL'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [vue(), compression({ algorithms: ['gzip'], threshold: 1024 })],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  build: {
    target: 'chrome109', // the last Chromium that old office PCs with Windows 7 can run
    assetsInlineLimit: 0, // the content security policy allows files, not data
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { '/api': service, '/healthz': service, '/ws': { target: service, ws: true } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
})
