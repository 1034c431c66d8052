import { Refusal, refuse } from '../errors/refusal.ts'
import { Outage } from '../errors/outage.ts'
import type { HeaderField, Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { describe } from '../lib/describe.ts'
import { text } from '../lib/text.ts'
import { checkOrigin } from '../session/authenticator.ts'
import type { Session } from '../session/session.ts'
import type { Held } from '../session/sessions.ts'
import { failed } from './failure.ts'
import { isAhead } from './navigation.ts'
import { report } from './observe.ts'
import { redirect } from './pages.ts'
import { safeReturn } from './return-to.ts'
import { noteAttempt } from './silence.ts'
import type { LoginParts, Site } from './site.ts'

/** Makes the address of the issuer's own logout, or nothing where it has none. */
export type EndSessionUrl = (session: Session, wish: EndSessionWish) => Promise<URL | undefined>

/** What the issuer is told at a logout. */
export interface EndSessionWish {
  readonly returnTo: string
  readonly state: string | undefined
}

/** Signs a browser out: here, and at the issuer where that is wanted. */
export async function logout(
  parts: LoginParts,
  endSessionUrl: EndSessionUrl,
  origins: ReadonlySet<string>,
  request: HttpRequest,
): Promise<Reply> {
  const site = parts.siteOf(request)
  const query = new URL(request.url).searchParams
  // Whoever leaves must not be signed in again by the next page, while the issuer still knows them.
  const quiet = parts.silently.wanted ? [noteAttempt(site)] : []
  const gone = [...site.keeper.forget(request), ...quiet]
  const found = await findOrOutage(site, request)
  if (Outage.is(found)) return inThisBrowser({ parts, origins, request, outage: found, gone })
  const held = found === undefined || Refusal.is(found) ? undefined : found
  const asked = await checkWish({ parts, origins, request, query, held })
  const target = targetOf(parts, site, asked)
  if (held === undefined) return redirect(303, target.href, gone)
  const elsewhere = await issuerLogout({
    parts,
    site,
    session: held.session,
    endSessionUrl,
    target,
  })
  try {
    await end(parts, site, held)
  } catch (error) {
    if (!Outage.is(error)) throw error
    // The session may live on, but not in this browser.
    return failed(parts, request, error, { headers: gone, leaving: true })
  }
  report(parts.options.observe, {
    type: 'signed-out',
    subject: text(held.session.claims['sub']),
    request,
  })
  return redirect(303, elsewhere?.href ?? target.href, gone)
}

async function findOrOutage(
  { keeper }: Site,
  request: HttpRequest,
): Promise<Held | Refusal | Outage | undefined> {
  try {
    return await keeper.find(request)
  } catch (error) {
    if (Outage.is(error)) return error
    throw error
  }
}

interface Unanswered {
  readonly parts: LoginParts
  readonly origins: ReadonlySet<string>
  readonly request: HttpRequest
  readonly outage: Outage
  readonly gone: readonly HeaderField[]
}

// Nobody can say whose session it is, so a link that must show its token does nothing; a form of ours takes
// the session away from the browser, in front of which somebody has asked to leave.
function inThisBrowser({ parts, origins, request, outage, gone }: Unanswered): Promise<Reply> {
  const isForm = request.method === 'POST'
  if (isForm) checkOrigin(request, origins)
  return failed(parts, request, outage, { headers: isForm ? gone : [], leaving: true })
}

/** Where a logout leads. */
interface Target {
  readonly href: string
  /** Within the application; absent where the configuration names a place of its own. */
  readonly path: string | undefined
}

function targetOf({ options }: LoginParts, { base }: Site, asked: string | null): Target {
  const usual = options.logout?.returnTo
  if (asked === null && usual?.startsWith('http')) return { href: usual, path: undefined }
  const path = safeReturn(asked ?? usual, base)
  return { href: base.origin + path, path }
}

interface Asked {
  readonly parts: LoginParts
  readonly origins: ReadonlySet<string>
  readonly request: HttpRequest
  readonly query: URLSearchParams
  readonly held: Held | undefined
}

/** Nobody may be logged out by another site's image or form. Answers where the wish wants to go. */
async function checkWish({ parts, origins, request, query, held }: Asked): Promise<string | null> {
  if (request.method === 'POST') {
    checkOrigin(request, origins)
    return (await request.form()).get('return_to') ?? query.get('return_to')
  }
  if (held !== undefined && isAhead(request))
    throw logoutRefused('Nobody has followed the link yet.')
  const token = query.get('token')
  const opened = token === null ? undefined : parts.links.open(token)?.toString()
  if (held === undefined || opened === `logout ${held.session.id}`) return query.get('return_to')
  throw logoutRefused('A logout by GET needs the token that logoutUrl() puts in its link.')
}

const logoutRefused = (reason: string): Refusal =>
  refuse('logout_refused', reason, { trail: { check: 'logout' } })

interface Leaving {
  readonly parts: LoginParts
  readonly site: Site
  readonly session: Session
  readonly endSessionUrl: EndSessionUrl
  readonly target: Target
}

async function issuerLogout(leaving: Leaving): Promise<URL | undefined> {
  const { parts, site, session, endSessionUrl, target } = leaving
  if (parts.options.logout?.issuer === false) return undefined
  const after = site.paths.loggedOut
  // Issuers compare the address to the letter, so where to go on to travels beside it.
  const wish =
    after === undefined || target.path === undefined
      ? { returnTo: target.href, state: undefined }
      : {
          returnTo: site.base.origin + after,
          state: parts.links.seal(Buffer.from(`return ${target.path}`)),
        }
  try {
    return await endSessionUrl(session, wish)
  } catch (error) {
    if (!Outage.is(error)) throw error
    // Whoever wants to leave leaves, whether the issuer can be asked or not.
    report(parts.options.observe, { type: 'outage', outage: error, request: undefined })
    return undefined
  }
}

async function end({ options, client }: LoginParts, site: Site, held: Held): Promise<void> {
  const newest = site.refresher.latest(held)?.held ?? held
  await site.keeper.end(newest)
  site.refresher.drop(held.session)
  const { refreshToken } = newest.session
  if (refreshToken === undefined || options.logout?.revoke === false) return
  try {
    await client.revoke(refreshToken, 'refresh_token')
  } catch (error) {
    // The session has ended already: nothing that the issuer says can bring it back.
    if (Refusal.is(error)) return
    report(options.observe, { type: 'outage', outage: asOutage(error), request: undefined })
  }
}

const asOutage = (error: unknown): Outage =>
  Outage.is(error)
    ? error
    : new Outage('endpoint_failed', describe(error), { phase: 'revocation', cause: error })

/** After the issuer's logout: goes on to where the logout was to lead. */
export function loggedOut(parts: LoginParts, request: HttpRequest): Reply {
  const site = parts.siteOf(request)
  const state = new URL(request.url).searchParams.get('state')
  const opened = state === null ? undefined : parts.links.open(state)?.toString()
  const returnTo = opened?.startsWith('return ') ? opened.slice('return '.length) : undefined
  return redirect(303, site.base.origin + safeReturn(returnTo, site.base))
}
