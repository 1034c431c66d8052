import { ConfigurationError } from '../errors/configuration.ts'
import type { RefreshWish } from '../client/client.ts'
import { digest } from '../lib/seal.ts'
import { createSessionCheck } from '../session/authenticator.ts'
import { createKeeper } from '../session/keeper.ts'
import { createRefresher } from '../session/refresh.ts'
import { createRelay } from '../session/relay.ts'
import type { Session } from '../session/session.ts'
import type { CookieSettings } from '../session/sessions.ts'
import type { RefreshedIdToken } from '../session/trade.ts'
import { text } from '../lib/text.ts'
import { appendTo } from './address.ts'
import type { Base } from './base.ts'
import { refreshedClaims } from './content.ts'
import { report } from './observe.ts'
import { resourceOf } from './parameters.ts'
import { pathsOf } from './paths.ts'
import type { LoginParts, Site } from './site.ts'
import { createTransactions } from './transaction.ts'

/** Puts a login together for one of its base URLs. */
export function createSite(parts: LoginParts, base: Base): Site {
  const { client, options, now, links } = parts
  const { sessions, lock, allowedOrigins = [] } = options
  const paths = pathsOf(options.routes, base.path)
  const name = sessions.settings.cookie.name ?? nameOf(parts, base)
  const keeper = createKeeper({
    vault: sessions.open(cookieOf(parts, base, name), { large: reportLarge(parts) }),
    settings: sessions.settings,
    issuer: client.issuer.url,
    client: client.id,
    revocations: options.revocations,
    inBrowser: sessions.kind === 'sealed',
    openToAnybody: options.doors?.some((door) => door.believesAnybody === true) ?? false,
    now,
    newId: parts.random,
  })
  const refresher = createRefresher({
    client,
    keeper,
    relay:
      lock &&
      createRelay({
        lock,
        keeper,
        box: sessions.box(`notes ${name}`),
        timeout: options.timeout,
      }),
    readIdToken: createReader(parts),
    keepsIdToken: parts.keeps.has('idToken'),
    loginWish: loginWishOf(parts),
    now,
    failed: (outage) => report(options.observe, { type: 'outage', outage, request: undefined }),
    refreshed: ({ claims }) =>
      report(options.observe, { type: 'refreshed', subject: text(claims['sub']) }),
  })
  const logoutUrl = ({ id }: Session): string => {
    if (paths.logout === undefined) {
      throw new ConfigurationError('there is no link to a logout: login.routes.logout is false')
    }
    return appendTo(base.origin + paths.logout, { token: links.seal(Buffer.from(`logout ${id}`)) })
  }
  return {
    base,
    paths,
    cookieName: name,
    keeper,
    refresher,
    transactions: createTransactions(
      sessions.box(`login ${client.issuer.url} ${client.id} ${name}`),
      {
        name,
        rootPath: `${base.path}/`,
        callbackPath: paths.callback,
        secure: base.secure,
        crossSite: parts.responseMode.posts,
      },
      now,
    ),
    check: createSessionCheck({
      keeper,
      refresher,
      client,
      now,
      logoutUrl,
      origins: new Set([base.origin, ...allowedOrigins]),
      absolute: sessions.settings.absolute,
    }),
    logoutUrl,
  }
}

function loginWishOf({ options }: LoginParts): RefreshWish {
  const resource = resourceOf(options.parameters ?? {})
  return resource === undefined ? {} : { resource }
}

// Another one for every application, so that several can share a host; and for every domain and path that
// an application gives it, because browsers keep a cookie beside those of its name from other places, send
// the older one first, and do not tell them apart.
function nameOf({ client, options }: LoginParts, base: Base): string {
  const { domain, path = '/' } = options.sessions.settings.cookie
  const place = domain === undefined && path === '/' ? [] : [domain, path]
  const named = JSON.stringify([client.issuer.url, client.id, base.path, ...place])
  return `portcullis-${digest(named)
    .replace(/[^a-zA-Z\d]/g, '')
    .slice(0, 8)}`
}

function cookieOf({ options }: LoginParts, base: Base, name: string): CookieSettings {
  const {
    path = '/',
    domain,
    sameSite = 'Lax',
    persistent = true,
  } = options.sessions.settings.cookie
  const isHostOnly = path === '/' && domain === undefined
  const prefix = base.secure ? (isHostOnly ? '__Host-' : '__Secure-') : ''
  return { name: prefix + name, path, domain, secure: base.secure, sameSite, persistent }
}

/** Without an observer the warning goes where Node's own go. */
function reportLarge({ options }: LoginParts): (bytes: number) => void {
  const { observe } = options
  return (bytes) => {
    if (observe !== undefined) return report(observe, { type: 'large-cookie', bytes })
    process.emitWarning(
      `The session cookie has ${bytes} bytes: keep fewer claims or tokens in it, or use storedSessions().`,
      'PortcullisWarning',
    )
  }
}

const createReader =
  ({ checkIdToken, options }: LoginParts) =>
  async (
    { idToken, accessToken, at }: RefreshedIdToken,
    { claims }: Session,
  ): Promise<Session['claims']> => {
    const subject = text(claims['sub'])
    const read = await checkIdToken(idToken, {
      afterRefresh: true,
      accessToken,
      at,
      ...(subject !== undefined && { subject }),
    })
    return refreshedClaims(claims, read, options.sessions.settings.claims)
  }
