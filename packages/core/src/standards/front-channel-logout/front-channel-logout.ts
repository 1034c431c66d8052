import { Refusal } from '../../errors/refusal.ts'
import type { HeaderField, Reply } from '../../http/reply.ts'
import type { HttpRequest } from '../../http/request.ts'
import { checkOptions, type Check } from '../../lib/assert.ts'
import { ownValue } from '../../lib/own.ts'
import type { Door, DoorParts } from '../../login/door.ts'

/** Where the issuer's page asks for a logout. */
export interface FrontChannelLogoutOptions {
  /** Below the base URL. Default `/frontchannel-logout`. */
  readonly path?: string
}

const checks: Readonly<Record<keyof FrontChannelLogoutOptions, Check>> = {
  path: (value) =>
    typeof value === 'string' && /^(?:\/[\w\-.~]+)+$/.test(value)
      ? undefined
      : 'must be a path such as /frontchannel-logout',
}

/**
 * Lets a page of the issuer end a session by loading ours in a frame (OpenID Connect Front-Channel
 * Logout 1.0). Browsers send no cookies into such frames: the session is found by its `sid`, so the
 * issuer must be told to send it.
 */
export function frontChannelLogout(options: FrontChannelLogoutOptions = {}): Door {
  checkOptions('frontChannelLogout', options, checks)
  return {
    path: options.path ?? '/frontchannel-logout',
    endsSessions: true,
    believesAnybody: true,
    open: (parts) => (request) => answer(request, parts),
  }
}

async function answer(request: HttpRequest, parts: DoorParts): Promise<Reply> {
  const issuer = parts.client.issuer.url
  const parameters = await readParameters(request)
  if (parameters === undefined) return page(405, issuer, [['Allow', 'GET, POST']])
  const [iss, sid] = ['iss', 'sid'].map((name) => single(parameters, name))
  if (iss !== issuer || sid === undefined || !isSid(sid)) return page(400, issuer)
  // Asked for before it is gone.
  const session = await parts.current(request)
  await parts.endSessions({ issuer, sid })
  const own = session?.issuer === issuer && ownValue(session.claims, 'sid') === sid
  return page(200, issuer, own ? parts.forget(request) : [])
}

// Anybody can ask, and what is asked for is looked up and told to observers.
const isSid = (sid: string): boolean => /^[!-~]{1,255}$/.test(sid)

async function readParameters(request: HttpRequest): Promise<URLSearchParams | undefined> {
  if (request.method === 'GET') return new URL(request.url).searchParams
  if (request.method !== 'POST') return undefined
  try {
    return await request.form()
  } catch (error) {
    // A form that cannot be read names no session.
    if (Refusal.is(error)) return new URLSearchParams()
    throw error
  }
}

function single(parameters: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = parameters.getAll(name)
  return value === '' || more.length > 0 ? undefined : value
}

const titles: Readonly<Record<number, string>> = { 200: 'Signed out', 400: 'Bad request' }

/** The same for every session, whether there was one or not. */
function page(status: number, issuer: string, headers: readonly HeaderField[] = []): Reply {
  const title = titles[status] ?? 'Method not allowed'
  const ancestors = `frame-ancestors ${new URL(issuer).origin}`
  return {
    status,
    headers: [
      ['Content-Type', 'text/html; charset=utf-8'],
      // §2: an answer from a cache would end nothing.
      ['Cache-Control', 'no-cache, no-store'],
      ['Pragma', 'no-cache'],
      ['Content-Security-Policy', `default-src 'none'; ${ancestors}`],
      ['X-Content-Type-Options', 'nosniff'],
      ...headers,
    ],
    body: `<!doctype html><html lang="en"><title>${title}</title><p>${title}.</p></html>\n`,
  }
}
