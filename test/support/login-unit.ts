import { createGuard } from '../../packages/core/src/guard/create.ts'
import type { Handler, HeaderField, Reply } from '../../packages/core/src/http/reply.ts'
import type { HttpRequest } from '../../packages/core/src/http/request.ts'
import { readBases, type Base } from '../../packages/core/src/login/base.ts'
import { createLogin, type Login } from '../../packages/core/src/login/create.ts'
import type { LoginEvent } from '../../packages/core/src/login/observe.ts'
import type { LoginOptions } from '../../packages/core/src/login/options.ts'
import { sealedSessions } from '../../packages/core/src/session/sealed.ts'

const home = 'https://app.test'
export const issuer = 'https://id.test'
export const secrets = ['a secret of at least thirty-two characters'] as const

/** What a test sends. */
export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
}

/** A request as adapters make it; an address without an origin is at `home`. */
export const asked = (url: string, { method, headers = {}, form }: Asked = {}): HttpRequest => ({
  method: method ?? (form === undefined ? 'GET' : 'POST'),
  url: new URL(url, home).href,
  header: (name) => headers[name],
  form: () => Promise.resolve(new URLSearchParams(form)),
})

/** What a browser says when a person goes somewhere. */
export const person = {
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

/** A request of a person. */
export const visit = (url: string, { headers, ...more }: Asked = {}): HttpRequest =>
  asked(url, { ...more, headers: { ...person, ...headers } })

export function baseOf(url: string): Base {
  const [base] = readBases(url, false)
  if (base === undefined) throw new Error('there is no base')
  return base
}

/** The values of a field. */
export const fieldOf = (reply: Reply | undefined, name: string): readonly string[] =>
  (reply?.headers ?? []).filter(([one]) => one.toLowerCase() === name).map(([, value]) => value)

export const locationOf = (reply: Reply | undefined): URL =>
  new URL(fieldOf(reply, 'location')[0] ?? 'about:nowhere')

/** The `Cookie` field that a browser would send, had it no cookies before. */
export const cookiesOf = (...headers: readonly HeaderField[]): string =>
  headers
    .filter(([name, value]) => name === 'Set-Cookie' && !value.includes('Max-Age=0'))
    .map(([, value]) => value.split(';', 1)[0])
    .join('; ')

const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
}

/** A login whose issuer has nothing but metadata. */
export interface Desk {
  readonly login: Login
  readonly events: readonly LoginEvent[]
  /** Asks the addresses of the login. */
  readonly ask: Handler
  /** Asks a guarded route, or one whose guard is optional; `undefined` where the request may pass. */
  readonly enter: (request: HttpRequest, at?: Login) => Promise<Reply | undefined>
  readonly enterOptional: (request: HttpRequest, at?: Login) => Promise<Reply | undefined>
}

export function createDesk(
  options: Partial<LoginOptions> = {},
  more: Readonly<Record<string, unknown>> = {},
): Desk {
  const events: LoginEvent[] = []
  const login = createLogin({
    issuer,
    client: { id: 'client-1', secret: 'client-secret' },
    baseUrl: home,
    sessions: sealedSessions({ secrets }),
    fetch: () => Promise.resolve(Response.json({ ...metadata, ...more })),
    observe: (event) => void events.push(event),
    ...options,
  })
  const enter = async (
    request: HttpRequest,
    at: Login,
    optional: boolean,
  ): Promise<Reply | undefined> => {
    const guard = createGuard({ login: at })
    const verdict = await (optional ? guard.optional() : guard).check(request)
    return verdict.granted ? undefined : verdict.reply
  }
  return {
    login,
    events,
    ask: login.handler,
    enter: (request, at = login) => enter(request, at, false),
    enterOptional: (request, at = login) => enter(request, at, true),
  }
}
