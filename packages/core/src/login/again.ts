import type { HeaderField, Reply } from '../http/reply.ts'
import { appendTo } from './address.ts'
import { redirect } from './pages.ts'
import type { LoginParts, Site } from './site.ts'
import type { Transaction } from './transaction.ts'
import { sealWish } from './wish.ts'

/** Begins a login once more, for what the first attempt was for. */
export const again = (
  parts: LoginParts,
  { base, paths }: Site,
  { returnTo, wish }: Pick<Transaction, 'returnTo' | 'wish'>,
  headers: readonly HeaderField[] = [],
): Reply =>
  redirect(
    302,
    appendTo(base.origin + paths.login, {
      return_to: returnTo,
      retry: '1',
      with: sealWish(parts, wish),
    }),
    headers,
  )
