import type { HeaderField, Reply } from '../http/reply.ts'
import { appendTo } from './address.ts'
import { redirect } from './pages.ts'
import type { LoginParts, Site } from './site.ts'
import type { Transaction } from './transaction.ts'
import { sealWish } from './wish.ts'

/**
 * What Keycloak says of a sign-in page that has stood open while the user signed in on another one: it is
 * up and knows the user, and wants to be asked anew.
 */
export const isOverdue = (answer: URLSearchParams): boolean =>
  answer.get('error') === 'temporarily_unavailable' &&
  answer.get('error_description') === 'authentication_expired'

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
