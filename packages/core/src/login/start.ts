import { Outage } from '../errors/outage.ts'
import { Refusal } from '../errors/refusal.ts'
import type { HeaderField, Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { insecurity } from '../issuer/url.ts'
import { appendTo } from './address.ts'
import { tellFailure } from './failure.ts'
import { isNavigation } from './navigation.ts'
import { noStore, redirect } from './pages.ts'
import {
  acrOf,
  mergeParameters,
  scopesOf,
  writeParameters,
  type AuthorizationParameters,
} from './parameters.ts'
import { safeReturn } from './return-to.ts'
import { hasTried, silenced } from './silence.ts'
import type { LoginParts, Site } from './site.ts'
import { makeState, type Attempt } from './state.ts'
import type { Transaction } from './transaction.ts'
import { openWish } from './wish.ts'

/** What one login wants, beside what all logins do. */
export interface LoginWish {
  readonly parameters?: AuthorizationParameters
  /** Where to go afterwards, within the application. */
  readonly returnTo?: string
}

/** Begins a login: a sealed transaction for the browser, and the way to the issuer. */
export async function start(
  parts: LoginParts,
  request: HttpRequest,
  given: LoginWish,
): Promise<Reply> {
  const site = parts.siteOf(request)
  // Nobody goes anywhere by a HEAD: it comes from those who check links.
  if (request.method === 'HEAD' || !isNavigation(request)) return notANavigation(site)
  const query = new URL(request.url).searchParams
  const returnTo = safeReturn(given.returnTo ?? (await askedReturn(request, query)), site.base)
  const isAttempt = query.get('silent') === '1'
  if (isAttempt && !hasTried(site, request)) {
    return redirect(302, appendTo(site.base.origin + returnTo, silenced))
  }
  try {
    return await go(parts, request, site, {
      wish: mergeParameters(openWish(parts, query.get('with')), given.parameters),
      returnTo,
      attempt: isAttempt ? 'silent' : retryOf(query),
      goesBack: isAttempt || given.parameters?.prompt === 'none',
      before: await sessionBefore(parts, request, site),
    })
  } catch (error) {
    if (!isAttempt || !Outage.is(error)) throw error
    // Nobody has asked to sign in, so nobody need hear that it is not possible.
    tellFailure(parts, request, error)
    return redirect(302, site.base.origin + returnTo)
  }
}

/**
 * The session that the login will take the place of. Browsers send its cookie to the callback too, unless
 * it is for requests from our own pages alone, or the answer is a form that another site posts.
 */
async function sessionBefore(
  { options, responseMode }: LoginParts,
  request: HttpRequest,
  { keeper }: Site,
): Promise<string | undefined> {
  const { sameSite } = options.sessions.settings.cookie
  if (sameSite !== 'Strict' && (sameSite === 'None' || !responseMode.posts)) return undefined
  try {
    const found = await keeper.find(request)
    return Refusal.is(found) ? undefined : found?.session.id
  } catch (error) {
    // Whoever wants to sign in is not kept from it by a store that may be back by then.
    if (Outage.is(error)) return undefined
    throw error
  }
}

const retryOf = (query: URLSearchParams): Attempt =>
  query.get('retry') === '1' ? 'again' : 'first'

async function askedReturn(request: HttpRequest, query: URLSearchParams): Promise<string | null> {
  const asked = query.get('return_to')
  return asked !== null || request.method !== 'POST'
    ? asked
    : (await request.form()).get('return_to')
}

interface Beginning {
  readonly wish: AuthorizationParameters | undefined
  readonly returnTo: string
  readonly attempt: Attempt
  /** Whether the browser goes on to `returnTo` where the issuer would have to show a page. */
  readonly goesBack: boolean
  readonly before: string | undefined
}

async function go(
  parts: LoginParts,
  request: HttpRequest,
  site: Site,
  beginning: Beginning,
): Promise<Reply> {
  const { wish, attempt } = beginning
  const parameters = {
    ...mergeParameters(parts.options.parameters, wish),
    ...(attempt === 'silent' && { prompt: 'none' }),
  }
  const transaction = begin(parts, site, beginning, parameters)
  const location = await deliver(parts, transaction, parameters)
  const cookies = site.transactions.begin(transaction, request.header('cookie') ?? '')
  return redirect(302, location.href, cookies)
}

function begin(
  { now, random }: LoginParts,
  site: Site,
  { wish, returnTo, attempt, goesBack, before }: Beginning,
  parameters: AuthorizationParameters,
): Transaction {
  const acr = acrOf(parameters)
  const begunAt = now()
  return {
    state: makeState(attempt, begunAt, random()),
    nonce: random(),
    verifier: random(),
    redirectUri: site.base.origin + site.paths.callback,
    returnTo,
    begunAt,
    scope: scopesOf(parameters),
    ...(parameters.maxAge !== undefined && { maxAge: Math.floor(parameters.maxAge) }),
    ...(acr !== undefined && { acr }),
    ...(wish !== undefined && { wish }),
    ...(before !== undefined && { before }),
    ...(goesBack && { silent: true as const }),
  }
}

async function deliver(
  { client, delivery, responseType, responseMode }: LoginParts,
  { state, nonce, verifier, redirectUri }: Transaction,
  given: AuthorizationParameters,
): Promise<URL> {
  const parameters = writeParameters(given)
  parameters.set('client_id', client.id)
  parameters.set('response_type', responseType)
  parameters.set('redirect_uri', redirectUri)
  parameters.set('state', state)
  parameters.set('nonce', nonce)
  if (responseMode.name !== 'query') parameters.set('response_mode', responseMode.name)
  if (responseType.includes('code')) {
    parameters.set('code_challenge', await challengeOf(verifier))
    parameters.set('code_challenge_method', 'S256')
  }
  const { authorization_endpoint: endpoint, issuer } = await client.server()
  return delivery({ client, endpoint: endpointOf(endpoint, issuer), parameters })
}

// A browser is sent there: to no script, and to no plain http unless the issuer itself was allowed it.
function endpointOf(endpoint: unknown, issuer: string): URL {
  const wrong =
    typeof endpoint !== 'string' || !URL.canParse(endpoint)
      ? 'is missing or no URL'
      : insecurity(new URL(endpoint), insecurity(new URL(issuer), false) !== undefined)
  if (wrong === undefined) return new URL(String(endpoint))
  throw new Outage('issuer_invalid', `its authorization_endpoint ${wrong}`, { url: issuer })
}

// RFC 7636 §4.2.
async function challengeOf(verifier: string): Promise<string> {
  const hashed = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return Buffer.from(hashed).toString('base64url')
}

const json: HeaderField = ['Content-Type', 'application/json']

/** For scripts: where a person would have to go. */
export const notANavigation = (
  { base, paths }: Pick<Site, 'base' | 'paths'>,
  more: readonly HeaderField[] = [],
  returnTo?: string,
): Reply => ({
  status: 401,
  headers: [json, noStore, ...more],
  body: JSON.stringify({
    error: 'login_required',
    login_url: appendTo(base.origin + paths.login, { return_to: returnTo }),
  }),
})
