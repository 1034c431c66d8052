import { refuse, Refusal } from '../errors/refusal.ts'
import { noted } from '../http/noted.ts'
import type { Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { again, isOverdue } from './again.ts'
import { tellFailure } from './failure.ts'
import { redirect } from './pages.ts'
import { hasTried } from './silence.ts'
import type { LoginParts, Site } from './site.ts'
import { readState } from './state.ts'
import { lifetime, type Missing } from './transaction.ts'

/** Somebody who comes back from the issuer. */
export interface Visit {
  readonly parts: LoginParts
  readonly site: Site
  readonly request: HttpRequest
  readonly state: string
  readonly parameters: URLSearchParams
}

/**
 * An answer that belongs to no login of this browser: it may be an old one, or the cookie was lost. Whoever
 * is signed in goes on, and the first attempt of a visit is begun again; an error of the issuer is not.
 */
export async function withoutTransaction(visit: Visit, missing: Missing): Promise<Reply> {
  const { parts, site, request, state, parameters } = visit
  const root = `${site.base.path}/`
  // Whether somebody is signed in may be asked whatever the method of the answer.
  const found = await site.check(noted(request, 'GET'))
  if (found !== undefined && !Refusal.is(found)) {
    return redirect(303, site.base.origin + root, found.headers)
  }
  const refusal = unknown(visit, missing)
  const attempt = readState(state)?.attempt
  if (attempt === 'silent' && hasTried(site, request)) {
    tellFailure(parts, request, refusal)
    return redirect(303, site.base.origin + root)
  }
  const isOver = parameters.has('error') && !isOverdue(parameters)
  if (attempt !== 'first' || isOver) throw refusal
  tellFailure(parts, request, refusal)
  return again(parts, site, { returnTo: root })
}

const unknown = (visit: Visit, missing: Missing): Refusal =>
  refuse('login_unknown', explain(visit, missing), {
    trail: { check: 'transaction', presented: missing },
  })

function explain(visit: Visit, missing: Missing): string {
  const hint = readState(visit.state)
  if (hint === undefined) return 'The state of the answer is none that this login makes.'
  if (missing === 'unreadable') {
    return 'The cookie of the login was sealed with other secrets, or for another login.'
  }
  if (missing === 'expired' || visit.parts.now() - hint.begunAt >= lifetime * 1000) {
    return 'The login was begun more than ten minutes ago.'
  }
  if (missing === 'not begun here') {
    return 'The cookie of the login is there, but not the mark of having begun it: another host may have planted it.'
  }
  return explainPlace(visit) ?? lost[missing]
}

const lost: Readonly<Record<'no cookies' | 'no such cookie', string>> = {
  'no cookies':
    'The browser sent no cookies at all: they are switched off, or the login was begun under another host.',
  'no such cookie':
    'The browser sent cookies, but not that of this login: it was used already, or pushed out by later ones.',
}

/** Cookies cross neither hosts nor, where they are Secure, the way from https to http. */
function explainPlace({ site: { base }, request }: Visit): string | undefined {
  const { origin, host } = new URL(request.url)
  if (origin === base.origin) return undefined
  const came = `The request came under ${origin}, and the login is for ${base.origin}:`
  return host === new URL(base.origin).host
    ? `${came} over http browsers keep back what they were given over https (behind a proxy that ends TLS, let the framework trust it).`
    : `${came} cookies do not cross hosts.`
}
