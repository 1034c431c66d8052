import { refuse, Refusal } from '../errors/refusal.ts'
import type { SignedIn } from '../guard/authenticator.ts'
import { asSessionPrincipal, type Principal } from '../guard/principal.ts'
import type { HeaderField } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { words } from '../lib/lists.ts'
import { andThen, type MaybePromise } from '../lib/maybe-promise.ts'
import { text } from '../lib/text.ts'
import { brand, watch, type ActiveParts, type ActiveSession } from './active.ts'
import { sessionEnded } from './ended.ts'
import type { Session } from './session.ts'
import type { Held, Renewed } from './sessions.ts'
import { caughtUp } from './succession.ts'
import { unshared } from './unshared.ts'

/** Who is signed in with the session of a request: `authenticate` of a guard's authenticator. */
export type SessionCheck = (request: HttpRequest) => MaybePromise<SignedIn | Refusal | undefined>

export interface SessionCheckParts extends ActiveParts {
  /** Origins whose pages may send requests that change something. */
  readonly origins: ReadonlySet<string>
  /** Seconds after which a session ends, whatever happens. */
  readonly absolute: number
}

/** Makes the check of one login's sessions. */
export function createSessionCheck(parts: SessionCheckParts): SessionCheck {
  const { keeper, refresher, origins } = parts

  const admit = (request: HttpRequest, renewed: Renewed): SignedIn => {
    const { held, headers } = renewed
    watch(parts, request, renewed)
    return {
      principal: principalOf(held.session, parts.absolute),
      headers: unshared(headers),
      session: { [brand]: true, held, request, parts } satisfies ActiveSession,
    }
  }

  // What another process has changed since belongs to it too.
  const whole = (shown: Held, latest: Renewed): MaybePromise<Renewed> => {
    const { session } = shown
    if (caughtUp(latest.held.session, session) === latest.held.session) return latest
    const changed = refresher.change(shown, (newest) => caughtUp(newest, session))
    return changed.then((made) => made ?? latest)
  }

  return (request) =>
    andThen(keeper.find(request), (found) => {
      if (found === undefined || Refusal.is(found)) return found
      // Nobody's: the browser has the cookie of the login after it, and must not be told to forget that.
      if (refresher.wasReplaced(found.session)) return undefined
      if (refresher.hasEnded(found.session)) return sessionEnded('it was ended a moment ago')
      checkOrigin(request, origins)
      const latest = refresher.latest(found)
      if (latest !== undefined)
        return andThen(whole(found, latest), (newest) => admit(request, newest))
      return andThen(keeper.touch(found), (touched) => admit(request, touched ?? unchanged(found)))
    })
}

const none: readonly HeaderField[] = Object.freeze([])
const unchanged = (held: Held): Renewed => ({ held, headers: none })

/** The principal of a session. */
function principalOf(session: Session, absolute: number): Principal {
  const { claims, issuer, client, scope } = session
  const { auth_time: authTime, amr } = claims
  return asSessionPrincipal({
    issuer,
    client,
    subject: text(claims['sub']),
    scopes: words(scope),
    audience: [client],
    acr: text(claims['acr']),
    amr: Array.isArray(amr) ? amr.filter((one) => typeof one === 'string') : [],
    authenticatedAt: typeof authTime === 'number' ? authTime : undefined,
    expiresAt: Math.floor(session.createdAt / 1000) + absolute,
    claims: Object.freeze(claims),
  })
}

const harmless = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Cookies travel with requests that other sites cause. `SameSite` stops most of them; what is left are
 * sites of the same domain, and browsers that do not know it.
 */
export function checkOrigin(request: HttpRequest, origins: ReadonlySet<string>): void {
  if (harmless.has(request.method)) return
  const origin = request.header('origin')
  if (origin !== undefined && origins.has(origin)) return
  const site = request.header('sec-fetch-site')
  if (origin === undefined && (site === undefined || site === 'same-origin' || site === 'none'))
    return
  if (site === 'same-origin' && origin === 'null') return
  const reason = origin === 'null' ? hidden : 'A page of another origin sent the request.'
  throw refuse('cross_site', reason, { trail: { check: 'origin' } })
}

// Of a sandboxed frame, or of a page of ours where the browser does not say so otherwise, as over plain http.
const hidden =
  'The browser hides which page sent the request (Origin: null): a Referrer-Policy of no-referrer does that.'
