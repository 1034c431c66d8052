import type { Refusal } from '../errors/refusal.ts'
import type { Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { appendTo } from './address.ts'
import { isNavigation, type Unauthenticated } from './navigation.ts'
import { redirect } from './pages.ts'
import type { AuthorizationParameters } from './parameters.ts'
import { safeReturn } from './return-to.ts'
import { hasTried, isSilenced, noteAttempt } from './silence.ts'
import type { LoginParts, Site } from './site.ts'
import { notANavigation } from './start.ts'
import { sealWish } from './wish.ts'

/** How guards of a login meet those who are not signed in. */
export interface Entrance {
  readonly unauthenticated: Unauthenticated
  readonly attemptSilentLogin: boolean
  /** For logins that begin here. */
  readonly parameters: AuthorizationParameters | undefined
}

/** What to send to somebody who is not signed in: the way to the login, or a 401 for a script. */
export function invite(
  parts: LoginParts,
  entrance: Entrance,
  request: HttpRequest,
  refusal: Refusal,
): Reply {
  const site = parts.siteOf(request)
  const forgotten = refusal.code === 'session_ended' ? site.keeper.forget(request) : []
  const { unauthenticated } = entrance
  if (unauthenticated === '401' || (unauthenticated === 'auto' && !isNavigation(request))) {
    const fields = [...Object.entries(refusal.headers), ...forgotten]
    return notANavigation(site, fields, placeOf(parts, site, request))
  }
  return redirect(302, loginAddress(parts, site, entrance, request), forgotten)
}

/** The same where nobody must sign in: one attempt without a page, if that is wanted. */
export function attempt(
  parts: LoginParts,
  entrance: Entrance,
  request: HttpRequest,
): Reply | undefined {
  if (!entrance.attemptSilentLogin || request.method !== 'GET' || !isNavigation(request)) {
    return undefined
  }
  const site = parts.siteOf(request)
  if (hasTried(site, request) || isSilenced(new URL(request.url))) return undefined
  const address = loginAddress(parts, site, entrance, request, { silent: '1' })
  return redirect(302, address, [noteAttempt(site)])
}

const loginAddress = (
  parts: LoginParts,
  site: Site,
  { parameters }: Entrance,
  request: HttpRequest,
  more: Readonly<Record<string, string>> = {},
): string =>
  appendTo(site.base.origin + site.paths.login, {
    ...more,
    return_to: placeOf(parts, site, request),
    with: sealWish(parts, parameters),
  })

/** Where the browser is, if that is a place that it can be sent back to. */
function placeOf(
  { options }: LoginParts,
  { base, paths }: Site,
  { method, url }: HttpRequest,
): string | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined
  const { pathname, search } = new URL(url)
  const target = safeReturn((options.strippedPath ? base.path : '') + pathname + search, base)
  // Never back to the door itself.
  return [paths.login, paths.callback].includes(target.replace(/\?.*/s, ''))
    ? `${base.path}/`
    : target
}
