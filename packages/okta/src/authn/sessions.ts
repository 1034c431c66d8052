import { ConfigurationError, Outage, optionChecks } from '@portcullis/core'
import type { CallOptions } from '../direct/options.ts'
import type { OktaServer } from '../servers.ts'
import { failureOf } from './diagnosis.ts'
import { failed, type AuthnFailure } from './failure.ts'
import { apiTokenCheck, type AuthnCall } from './options.ts'
import { orgOf, trustedHeaders } from './parts.ts'
import { createSend, type Send, type Sent, type Wish } from './send.ts'
import { readSession, type OktaSession } from './session.ts'

/** Which org. Exactly one of `okta` and `domain`. */
export interface OktaSessionsOptions {
  /** What `okta()` made; any server of the org will do. */
  readonly okta?: OktaServer
  /** The domain of the org, with or without `https://`. */
  readonly domain?: string
  /** Needed for everything but `create` and what goes by a cookie. */
  readonly apiToken?: string
  /** Seconds for one exchange, body included. Default 10. */
  readonly timeout?: number
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/** Which session: by its id, with the API token, or by the cookie of the browser that has it. */
export type WhichSession = { readonly id: string } | { readonly cookie: string }

/** A session that has ended. */
export interface ClosedSession {
  readonly status: 'closed'
}

/** The Sessions API. A session that there is not (any more) is the failure `not_found`. */
export interface OktaSessions {
  /** Trades a session token, once. */
  create(sessionToken: string, call?: AuthnCall): Promise<OktaSession | AuthnFailure>
  get(which: WhichSession, call?: CallOptions): Promise<OktaSession | AuthnFailure>
  /** Puts the end off. */
  refresh(which: WhichSession, call?: CallOptions): Promise<OktaSession | AuthnFailure>
  close(which: WhichSession, call?: CallOptions): Promise<ClosedSession | AuthnFailure>
  /** Ends all sessions of a user, and with `oauthTokens` everything that was issued to them. */
  closeAll(
    userId: string,
    options?: CallOptions & { readonly oauthTokens?: boolean },
  ): Promise<ClosedSession | AuthnFailure>
}

const { fn, record, someSeconds, text } = optionChecks

/** Makes a client for the Sessions API of an org. */
export function createOktaSessions(options: OktaSessionsOptions): OktaSessions {
  optionChecks.checkOptions('sessions', options, {
    okta: record,
    domain: text,
    apiToken: apiTokenCheck,
    timeout: someSeconds,
    fetch: fn,
    now: fn,
  })
  const origin = orgOf('sessions', options)
  const { fetch: ownFetch, timeout = 10, now = () => Date.now() } = options
  const send = createSend({
    fetch: ownFetch ?? ((input, init) => fetch(input, init)),
    now,
    timeout,
  })
  const desk: Desk = { send, url: `${origin}/api/v1/sessions`, apiToken: options.apiToken }
  return {
    create: (sessionToken, call = {}) => create(desk, sessionToken, call),
    get: (which, call) => shown(desk, { ...wishFor(desk, which, call), method: 'GET' }),
    refresh: (which, call) => {
      const wish = wishFor(desk, which, call)
      return shown(desk, { ...wish, method: 'POST', url: `${wish.url}/lifecycle/refresh` })
    },
    close: (which, call) => closed(desk, { ...wishFor(desk, which, call), method: 'DELETE' }),
    closeAll: (userId, { oauthTokens = false, signal } = {}) => {
      const query = oauthTokens ? '?oauthTokens=true' : ''
      const url = `${origin}/api/v1/users/${idOf(userId)}/sessions${query}`
      const rest = { headers: byToken(desk), secrets: secretsOf(desk), signal }
      return closed(desk, { method: 'DELETE', url, ...rest })
    },
  }
}

interface Desk {
  readonly send: Send
  readonly url: string
  readonly apiToken: string | undefined
}

const secretsOf = ({ apiToken }: Desk): readonly string[] =>
  apiToken === undefined ? [] : [apiToken]

async function create(
  desk: Desk,
  sessionToken: string,
  call: AuthnCall,
): Promise<OktaSession | AuthnFailure> {
  if (typeof sessionToken !== 'string' || sessionToken === '') {
    return failed('input_refused', { field: 'sessionToken' })
  }
  const answer = await shown(desk, {
    method: 'POST',
    url: desk.url,
    body: { sessionToken },
    headers: trustedHeaders(desk.apiToken, call),
    secrets: [sessionToken, ...secretsOf(desk)],
    signal: call.signal,
  })
  // Okta's words are those of a wrong password; what is wrong here is the token.
  const isSpent = answer.status === 'failed' && answer.code === 'credentials_wrong'
  return isSpent ? { ...answer, code: 'expired', retry: 'restart' } : answer
}

async function shown(desk: Desk, wish: Wish): Promise<OktaSession | AuthnFailure> {
  const sent = await desk.send(wish)
  return sent.status === 200 ? readSession(sent.body, wish.url) : refused(desk, wish, sent)
}

async function closed(desk: Desk, wish: Wish): Promise<ClosedSession | AuthnFailure> {
  const sent = await desk.send(wish)
  if (sent.status === 204 || sent.status === 200) return { status: 'closed' }
  return refused(desk, wish, sent)
}

const refused = ({ apiToken }: Desk, { url, headers }: Wish, sent: Sent): AuthnFailure => {
  if (sent.status < 400) {
    throw new Outage('endpoint_failed', `it answered ${sent.status}`, { url, phase: 'status' })
  }
  const isByApiToken = apiToken !== undefined && headers['authorization'] !== undefined
  return failureOf(sent, { url, step: undefined, isByApiToken })
}

function wishFor(desk: Desk, which: WhichSession, call: CallOptions = {}): Omit<Wish, 'method'> {
  const { signal } = call
  if ('cookie' in which) {
    const { cookie } = which
    // A line break would be a header of its own.
    if (typeof cookie !== 'string' || !/^[\x20-\x7e]+$/.test(cookie)) {
      throw new ConfigurationError('sessions: cookie must be the Cookie header of the browser')
    }
    const secrets = [cookie, ...secretsOf(desk)]
    return { url: `${desk.url}/me`, headers: { cookie }, secrets, signal }
  }
  const url = `${desk.url}/${idOf(which.id)}`
  return { url, headers: byToken(desk), secrets: [which.id, ...secretsOf(desk)], signal }
}

function byToken({ apiToken }: Desk): Readonly<Record<string, string>> {
  if (apiToken !== undefined) return trustedHeaders(apiToken, {})
  throw new ConfigurationError('sessions.apiToken is missing: only a cookie goes without it')
}

// `me` would be the session of whoever holds a cookie, and `..` another address.
function idOf(id: unknown): string {
  if (typeof id === 'string' && /^[\w-]{3,200}$/.test(id)) return encodeURIComponent(id)
  throw new ConfigurationError('sessions: that is no id')
}
