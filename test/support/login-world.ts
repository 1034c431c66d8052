import { inspect } from 'node:util'
import { keepPrincipal } from '../../packages/core/src/guard/attach.ts'
import { createGuard } from '../../packages/core/src/guard/create.ts'
import { errorReply } from '../../packages/core/src/errors/reply.ts'
import type { Outage } from '../../packages/core/src/errors/outage.ts'
import type { Refusal } from '../../packages/core/src/errors/refusal.ts'
import { lateFields } from '../../packages/core/src/http/late.ts'
import type { Handler, Reply } from '../../packages/core/src/http/reply.ts'
import { createLogin } from '../../packages/core/src/login/create.ts'
import type { LoginEvent } from '../../packages/core/src/login/observe.ts'
import type { LoginOptions } from '../../packages/core/src/login/options.ts'
import { accessToken, session, userinfo } from '../../packages/core/src/session/active.ts'
import { memorySessions } from '../../packages/core/src/session/memory.ts'
import { storedSessions } from '../../packages/core/src/session/stored.ts'
import { createClock, type Clock } from '../../packages/testkit/src/clock.ts'
import { createLyingIssuer, type LyingIssuer, type LyingIssuerOptions } from './lying-issuer.ts'
import { createLoneBrowser, type LoneBrowser, type Seen } from './lone-browser.ts'

export const base = 'https://app.test'

/** An application with a login, and an issuer that may lie to it. */
export interface World {
  readonly issuer: LyingIssuer
  readonly clock: Clock
  readonly browser: LoneBrowser
  /** The application itself, for requests that no browser sends. */
  readonly handler: Handler
  readonly events: readonly LoginEvent[]
  /** Every refusal and outage of the login, and of the routes behind it. */
  readonly failures: readonly (Refusal | Outage)[]
  /** Goes to a guarded page; ends there, or where the login failed. */
  readonly signIn: (path?: string) => Promise<Seen>
  /** Whether the guarded page is shown without going anywhere else. */
  readonly isSignedIn: () => Promise<boolean>
  /** All that the application has let out: what a log, a page, a proxy or the next site may see. */
  readonly said: () => string
  readonly close: () => Promise<void>
}

export const secret = 'a-secret-of-the-application-of-32-characters'

/** `/account` shows the claims, `/token` an access token, `/userinfo` the userinfo. */
export async function createWorld(
  options: Partial<LoginOptions> = {},
  given: LyingIssuerOptions = {},
): Promise<World> {
  const clock = createClock()
  const issuer = await createLyingIssuer({ now: clock.now, ...given })
  const events: LoginEvent[] = []
  const failures: (Refusal | Outage)[] = []
  const outside: unknown[] = []
  const login = createLogin({
    issuer: issuer.url,
    client: issuer.client,
    baseUrl: base,
    sessions: storedSessions(memorySessions({ now: clock.now }), {
      secrets: [secret],
      now: clock.now,
    }),
    parameters: { scope: 'openid offline_access' },
    now: clock.now,
    timeout: 1,
    observe: (event) => {
      events.push(event)
      if (event.type === 'refused') failures.push(event.refusal)
      if (event.type === 'outage') failures.push(event.outage)
    },
    ...options,
  })
  const guarded = guardedPages(createGuard({ login }), failures)
  const handler: Handler = async (request) => {
    const reply = (await login.handler(request)) ?? (await guarded(request))
    // A redirect to the issuer and a cookie are for whom they are for; the rest is for everybody.
    if (reply !== undefined) outside.push(reply)
    return reply
  }
  const browser = createLoneBrowser(base, handler)
  return {
    issuer,
    clock,
    browser,
    handler,
    events,
    failures,
    signIn: (path = '/account') => browser.open(path),
    isSignedIn: async () => (await browser.open('/account', { until: base })).status === 200,
    said: () => inspect({ failures, outside }, { depth: 12, maxStringLength: null }),
    close: issuer.close,
  }
}

type Site = ReturnType<typeof createGuard>

const guardedPages =
  (site: Site, failures: (Refusal | Outage)[]): ((r: Parameters<Handler>[0]) => Promise<Reply>) =>
  async (asked) => {
    const fields = lateFields()
    const request = { ...asked, response: fields.response }
    try {
      const verdict = await site.check(request)
      if (!verdict.granted) return verdict.reply ?? errorReply(verdict.refusal)
      const host = {}
      keepPrincipal(host, verdict, site)
      const body = JSON.stringify(await contentOf(new URL(asked.url).pathname, host))
      return { status: 200, headers: [...verdict.headers, ...fields.close()], body }
    } catch (error) {
      const reply = errorReply(error)
      // `errorReply` throws everything else again.
      failures.push(error as Refusal | Outage)
      return { ...reply, headers: [...reply.headers, ...fields.close()] }
    }
  }

async function contentOf(pathname: string, host: object): Promise<unknown> {
  if (pathname === '/token') return { token: await accessToken(host) }
  if (pathname === '/userinfo') return userinfo(host)
  return session(host)?.claims
}
