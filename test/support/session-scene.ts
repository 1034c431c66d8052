import { randomBytes } from 'node:crypto'
import type { LoginClient } from '../../packages/core/src/client/client.ts'
import type { Outage } from '../../packages/core/src/errors/outage.ts'
import { Refusal } from '../../packages/core/src/errors/refusal.ts'
import { keepPrincipal } from '../../packages/core/src/guard/attach.ts'
import type { SignedIn } from '../../packages/core/src/guard/authenticator.ts'
import { createGuard } from '../../packages/core/src/guard/create.ts'
import { lateFields } from '../../packages/core/src/http/late.ts'
import type { HeaderField } from '../../packages/core/src/http/reply.ts'
import type { HttpRequest } from '../../packages/core/src/http/request.ts'
import { createSessionCheck } from '../../packages/core/src/session/authenticator.ts'
import { createKeeper, type Keeper } from '../../packages/core/src/session/keeper.ts'
import type { Lock } from '../../packages/core/src/session/lock.ts'
import { memorySessions } from '../../packages/core/src/session/memory.ts'
import { createRefresher, type Refresher } from '../../packages/core/src/session/refresh.ts'
import { createRelay } from '../../packages/core/src/session/relay.ts'
import type { Revocations } from '../../packages/core/src/session/revocations.ts'
import { sealedSessions } from '../../packages/core/src/session/sealed.ts'
import type { Session, SessionContent } from '../../packages/core/src/session/session.ts'
import type { SessionStore } from '../../packages/core/src/session/store.ts'
import { storedSessions } from '../../packages/core/src/session/stored.ts'
import { createClock, type Clock } from '../../packages/testkit/src/clock.ts'
import { createCookieJar } from '../../packages/testkit/src/cookie-jar.ts'
import { createTokenDesk, issuer, type TokenDesk } from './token-desk.ts'

export const origin = 'https://app.test'
const secrets = ['a-secret-of-the-sessions-of-32-characters']

export type Kind = 'sealed' | 'stored'
export const kinds: readonly Kind[] = ['sealed', 'stored']

export interface SceneOptions {
  readonly kind: Kind
  readonly idle?: number
  readonly absolute?: number
  readonly revocations?: Revocations
  /** Whether there is a front-channel logout. Default false. */
  readonly openToAnybody?: boolean
  readonly lock?: (clock: Clock) => Lock
  /** Of access tokens, in seconds. Default 300. */
  readonly lifetime?: number
  /** Default: a memory. */
  readonly store?: (clock: Clock) => SessionStore
}

/** One server of an application. */
export interface Process {
  readonly keeper: Keeper
  readonly refresher: Refresher
  readonly check: (request: HttpRequest) => Promise<SignedIn | Refusal | undefined>
}

/** A response on its way to the browser. */
export interface Answered {
  /** What stands for the host's request: for `accessToken` and others. */
  readonly host: object
  readonly found: SignedIn | Refusal | undefined
  /** The fields are closed, and the browser keeps the cookies. */
  readonly arrive: () => readonly HeaderField[]
}

export interface Sending {
  readonly by?: Process
  readonly method?: string
  readonly fields?: Readonly<Record<string, string>>
  /** Whether the host lends its response. Default true. */
  readonly lends?: boolean
}

export interface BrowserOfScene {
  readonly cookies: () => string
  readonly send: (sending?: Sending) => Promise<Answered>
  /** Signs in; content on top of the usual one. */
  readonly signIn: (by?: Process, content?: Partial<SessionContent>) => Promise<void>
}

export interface SessionScene {
  readonly clock: Clock
  readonly desk: TokenDesk
  readonly counts: Record<keyof SessionStore, number>
  readonly process: Process
  readonly refreshed: Session[]
  /** Of renewals. */
  readonly outages: Outage[]
  readonly another: () => Process
  readonly browser: (cookies?: string) => BrowserOfScene
}

/** Sessions of one login in as many processes as wanted, without a network. */
export function createSessionScene(options: SceneOptions): SessionScene {
  const { kind, idle, absolute, revocations } = options
  const clock = createClock(1_800_000_000_000)
  const desk = createTokenDesk(options.lifetime ?? 300)
  const refreshed: Session[] = []
  const outages: Outage[] = []
  const times = { secrets, ...(idle && { idle }), ...(absolute && { absolute }) }
  const { store, counts } = counted(options.store?.(clock) ?? memorySessions({ now: clock.now }))
  const sessions =
    kind === 'sealed' ? sealedSessions(times) : storedSessions(store, { ...times, now: clock.now })
  const lock = options.lock?.(clock)
  const another = (): Process => {
    const cookie = { path: '/', domain: undefined, secure: true } as const
    const vault = sessions.open(
      { ...cookie, name: '__Host-s', sameSite: 'Lax', persistent: true },
      { large: () => undefined },
    )
    const parts = {
      vault,
      settings: sessions.settings,
      revocations,
      inBrowser: kind === 'sealed',
      openToAnybody: options.openToAnybody === true,
    }
    const newId = () => randomBytes(32).toString('base64url')
    const keeper = createKeeper({ ...parts, issuer, client: 'web', now: clock.now, newId })
    // The rest of a client is not asked for.
    const client = desk.client as Partial<LoginClient> as LoginClient
    const refresher = createRefresher({
      client,
      keeper,
      relay: lock && createRelay({ lock, keeper, box: sessions.box('notes') }),
      readIdToken: desk.readIdToken,
      keepsIdToken: true,
      loginWish: {},
      now: clock.now,
      refreshed: (session) => refreshed.push(session),
      failed: (outage) => outages.push(outage),
    })
    const check = createSessionCheck({
      keeper,
      refresher,
      client,
      now: clock.now,
      logoutUrl: ({ id }) => `${origin}/logout?token=${id.length}`,
      origins: new Set([origin, 'https://sister.test']),
      absolute: sessions.settings.absolute,
    })
    return { keeper, refresher, check: async (request) => check(request) }
  }
  const first = another()
  const browser = (cookies = ''): BrowserOfScene =>
    openBrowser({ clock, desk, first, lifetime: options.lifetime ?? 300 }, cookies)
  return { clock, desk, counts, refreshed, outages, process: first, another, browser }
}

interface BrowserParts {
  readonly clock: Clock
  readonly desk: TokenDesk
  readonly first: Process
  readonly lifetime: number
}

function openBrowser(
  { clock, desk, first, lifetime }: BrowserParts,
  given: string,
): BrowserOfScene {
  const jar = createCookieJar()
  const url = new URL(`${origin}/page`)
  for (const pair of given.split('; ').filter(Boolean)) jar.keep(url, [`${pair}; Path=/`])
  const cookies = (): string => jar.headerFor(url)
  const take = (headers: readonly HeaderField[]): readonly HeaderField[] => {
    jar.keep(
      url,
      headers.filter(([name]) => name === 'Set-Cookie').map(([, value]) => value),
    )
    return headers
  }
  const request = (sending: Sending, late?: ReturnType<typeof lateFields>): HttpRequest => {
    const shown = cookies()
    const fields = { ...sending.fields, ...(shown !== '' && { cookie: shown }) }
    return {
      method: sending.method ?? 'GET',
      url: url.href,
      header: (name) => (fields as Readonly<Record<string, string>>)[name],
      form: () => Promise.resolve(new URLSearchParams()),
      ...(late && { response: late.response }),
    }
  }
  const guard = createGuard({ verifier: { verify: () => Promise.reject(new Error('no tokens')) } })
  return {
    cookies,
    signIn: async (by = first, content = {}) => {
      const { headers, before } = await by.keeper.begin(request({}), {
        ...desk.content(clock.now(), lifetime),
        ...content,
      })
      if (before !== undefined) by.refresher.replace(before)
      take(headers)
    },
    send: async (sending = {}) => {
      const late = lateFields()
      const { lends = true, by = first } = sending
      const found = await by.check(request(sending, lends ? late : undefined))
      const host = {}
      if (found !== undefined && !Refusal.is(found)) {
        late.response.append(found.headers)
        keepPrincipal(host, { granted: true, ...found }, guard)
      }
      return { host, found, arrive: () => take([...late.close()]) }
    },
  }
}

function counted(store: SessionStore): {
  readonly store: SessionStore
  readonly counts: Record<keyof SessionStore, number>
} {
  const counts = { read: 0, write: 0, destroy: 0, destroyBy: 0 }
  const count = (name: keyof SessionStore): void => {
    counts[name] += 1
  }
  return {
    counts,
    store: {
      read: (id) => (count('read'), store.read(id)),
      write: (id, stored, expected) => (count('write'), store.write(id, stored, expected)),
      destroy: (id) => (count('destroy'), store.destroy(id)),
      destroyBy: (owner) => (count('destroyBy'), store.destroyBy(owner)),
    },
  }
}
