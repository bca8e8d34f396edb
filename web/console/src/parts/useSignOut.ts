/** Signs out, and says so when the service did not hear of it: nobody walks away signed in. */
import { ElMessage } from 'element-plus'
import { useI18n } from 'vue-i18n'

import { useSession } from '@/stores/session'
import { faultText } from '@/words/faults'

export function useSignOut(): () => Promise<void> {
  const session = useSession()
  const { t } = useI18n()

  return async () => {
    try {
      await session.signOut()
    } catch (problem) {
      ElMessage.error(t('shell.failed', { why: faultText(problem, t('shell.unreachable')) }))
    }
  }
}
