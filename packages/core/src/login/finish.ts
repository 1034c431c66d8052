import { Outage } from '../errors/outage.ts'
import { refuse, Refusal } from '../errors/refusal.ts'
import type { HeaderField, Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { cut } from '../http/challenge.ts'
import { text } from '../lib/text.ts'
import { again, isOverdue } from './again.ts'
import { readAnswer } from './answer.ts'
import { beginSession } from './begin-session.ts'
import { failed, tellFailure } from './failure.ts'
import { onward, redirect } from './pages.ts'
import type { LoginParts } from './site.ts'
import { readState } from './state.ts'
import { withoutTransaction, type Visit } from './stray.ts'
import type { Transaction } from './transaction.ts'
import { signInOf } from './proof.ts'

/** Ends a login: takes the issuer's answer, and begins the session. */
export type Finish = (request: HttpRequest) => Promise<Reply>

/** Makes the end of logins. */
export function createFinish(parts: LoginParts): Finish {
  // A form that is sent twice, a page that is reloaded while it loads: both get the one answer.
  const under = new Map<string, Promise<Reply>>()

  const once = (transaction: Transaction, act: () => Promise<Reply>): Promise<Reply> => {
    const { state } = transaction
    const acting = under.get(state) ?? act().finally(() => under.delete(state))
    under.set(state, acting)
    return acting
  }

  return async (request) => {
    const site = parts.siteOf(request)
    const { parameters, asAsked } = await readAnswer(parts, request)
    const state = stateOf(parameters)
    const found = site.transactions.find(state, request.header('cookie') ?? '')
    const visit: Visit = { parts, site, request, state, parameters }
    if (typeof found === 'string') return withoutTransaction(visit, found)
    if (found.done === true) return arrive(visit, found.returnTo)
    if (found.spent === true) return again(parts, site, found, site.transactions.drop(state))
    if (!asAsked && text(parameters.get('error')) === undefined) {
      throw refuse('login_answer_invalid', 'The answer came in another way than was asked for.', {
        trail: { check: 'response_mode' },
      })
    }
    return once(found, () => settle(visit, found))
  }
}

function stateOf(parameters: URLSearchParams): string {
  const [state, ...others] = parameters.getAll('state')
  if (state !== undefined && others.length === 0) return state
  const error = parameters.get('error')
  const says = error === null ? '' : `; it says ${cut(error)}`
  throw refuse('login_answer_invalid', `The answer holds no state, or more than one${says}.`, {
    trail: { check: 'state', ...(error !== null && { presented: cut(error) }) },
  })
}

async function settle(visit: Visit, transaction: Transaction): Promise<Reply> {
  let isTraded = false
  const traded = (): void => void (isTraded = true)
  try {
    return await signIn(visit, transaction, traded)
  } catch (error) {
    if (!Refusal.is(error) && !Outage.is(error)) throw error
    return unsettled(visit, transaction, error, isTraded)
  }
}

async function signIn(visit: Visit, transaction: Transaction, traded: () => void): Promise<Reply> {
  const { parts, site, request, parameters } = visit
  const proof = await signInOf(parts, transaction, parameters, traded)
  const { scope, before } = transaction
  const begun = await beginSession(visit, { proof, scope, before, returnTo: transaction.returnTo })
  const { returnTo } = begun
  const cookies = request.header('cookie') ?? ''
  return arrive(visit, returnTo, [
    ...begun.headers,
    ...site.transactions.finish({ ...transaction, returnTo }, cookies),
  ])
}

/** Where a login has failed. Its transaction is used up, unless somebody else is to blame: then a reload may do. */
async function unsettled(
  visit: Visit,
  transaction: Transaction,
  error: Refusal | Outage,
  isTraded: boolean,
): Promise<Reply> {
  const { parts, site, request, state, parameters } = visit
  const { returnTo, silent } = transaction
  const overdue = Outage.is(error) && isOverdue(parameters)
  const headers =
    Outage.is(error) && !silent && !overdue
      ? forReload(visit, transaction, isTraded)
      : site.transactions.drop(state)
  if (silent) {
    tellFailure(parts, request, error)
    return arrive(visit, returnTo, headers)
  }
  // The code was used or is too old: the issuer knows the user by now, so a second try is quick.
  const isStale = overdue || (Refusal.is(error) && error.code === 'grant_refused')
  if (isStale && isFirst(visit)) {
    tellFailure(parts, request, error)
    return again(parts, site, transaction, headers)
  }
  return failed(parts, request, error, { returnTo, headers })
}

const isFirst = ({ state }: Visit): boolean => readState(state)?.attempt === 'first'

// RFC 6749 §4.1.2: a code is used once.
function forReload(
  visit: Visit,
  transaction: Transaction,
  isTraded: boolean,
): readonly HeaderField[] {
  const { transactions } = visit.site
  if (!isTraded) return []
  return isFirst(visit) ? transactions.spend(transaction) : transactions.drop(visit.state)
}

// A browser comes here by way of another site, and after a redirect it would keep a Strict cookie back:
// the guard would see nobody, and send it round in circles.
function arrive(
  { parts, site }: Visit,
  returnTo: string,
  headers: readonly HeaderField[] = [],
): Reply {
  const location = site.base.origin + returnTo
  const isStrict = parts.options.sessions.settings.cookie.sameSite === 'Strict'
  return isStrict ? onward(location, headers) : redirect(303, location, headers)
}
