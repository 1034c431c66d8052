import type { IncomingMessage, ServerResponse } from 'node:http'
import { randomUUID } from 'node:crypto'
import { readForm } from '../../packages/testkit/src/server/form.ts'
import { listenOnLoopback } from '../../packages/testkit/src/server/loopback.ts'
import { createSigningKey, type SigningAlgorithm } from '../../packages/testkit/src/signing-key.ts'
import { breakDown, isBreakage } from './lying-issuer/breakage.ts'
import { endpoints } from './lying-issuer/endpoints.ts'
import { createGrants } from './lying-issuer/grants.ts'
import type { Lies } from './lying-issuer/lies.ts'
import { createRecords, paths, type Place, type Records } from './lying-issuer/records.ts'
import type { LyingClient, Scene } from './lying-issuer/scene.ts'
import { signed } from './lying-issuer/tokens.ts'

export { hostile, type Lies } from './lying-issuer/lies.ts'

/** How an issuer is when it is honest. */
export interface LyingIssuerOptions {
  /** Default `client-1` with the secret `client-secret`. */
  readonly client?: LyingClient
  /** Default ES256. */
  readonly algorithm?: SigningAlgorithm
  /** Claims of the user. Default `{ sub: 'user-1', name: 'Ada' }`. */
  readonly user?: Readonly<Record<string, unknown>>
  /** Default opaque. */
  readonly accessTokens?: 'opaque' | 'jwt'
  /** Seconds that tokens live. Default 300. */
  readonly lifetime?: number
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** An OpenID provider on loopback that is honest until it is told to lie. */
export interface LyingIssuer {
  readonly url: string
  readonly client: LyingClient
  /** Lies from now on, beside the lies it tells already. */
  readonly lie: (lies: Lies) => void
  /** Tells the truth from now on. */
  readonly repent: () => void
  readonly requests: Records
  /** Every code and token that it has issued. */
  readonly issued: readonly string[]
  /** A logout token for the back channel (good for 120 s), with claims and header members on top. */
  readonly logoutToken: (
    claims: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
  ) => string
  readonly close: () => Promise<void>
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

export async function createLyingIssuer(options: LyingIssuerOptions = {}): Promise<LyingIssuer> {
  const { client = { id: 'client-1', secret: 'client-secret' }, algorithm = 'ES256' } = options
  const now = options.now ?? (() => Date.now())
  const requests = createRecords()
  let lies: Lies = {}
  const scene: Scene = {
    url: () => server.url,
    client,
    key: createSigningKey(algorithm),
    strangeKey: createSigningKey(algorithm),
    now,
    lies: () => lies,
    grants: createGrants(),
    user: options.user ?? { sub: 'user-1', name: 'Ada' },
    accessTokens: options.accessTokens ?? 'opaque',
    lifetime: options.lifetime ?? 300,
    issued: [],
  }
  const server = await listenOnLoopback((request, response) => {
    serve(request, response, scene, requests.add).catch((error: unknown) => {
      // The test must see a mistake of the issuer, not guess at it.
      if (!response.headersSent) response.writeHead(599)
      response.end(String(error))
    })
  })
  return {
    url: server.url,
    client,
    requests,
    issued: scene.issued,
    lie: (more) => {
      lies = { ...lies, ...more }
    },
    repent: () => {
      lies = {}
    },
    logoutToken: (claims, header = {}) => {
      const iat = Math.floor(now() / 1000)
      const who = { iss: server.url, aud: client.id, iat, exp: iat + 120, jti: randomUUID() }
      const events = { [logoutEvent]: {} }
      return signed({ ...who, events, ...claims }, { typ: 'logout+jwt', ...header }, scene)
    },
    close: server.close,
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  scene: Scene,
  note: ReturnType<typeof createRecords>['add'],
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', scene.url())
  const place = placeOf(pathname)
  if (place === undefined) {
    response.writeHead(404).end()
    return
  }
  const { method = '', headers } = request
  const form = method === 'POST' ? await readForm(request) : new URLSearchParams()
  const received = {
    place,
    method,
    headers,
    parameters: new URLSearchParams([...searchParams, ...form]),
  }
  note(received)
  const lies = scene.lies()
  if (lies.cookies !== undefined) response.setHeader('set-cookie', [...lies.cookies])
  const lie = breakable(place, lies)
  if (isBreakage(lie)) {
    await breakDown(response, lie)
    return
  }
  const answer = endpoints[place](received, scene)
  response.writeHead(answer.status, answer.headers).end(answer.body)
}

const placeOf = (pathname: string): Place | undefined =>
  // The names of the record are the places.
  (Object.keys(paths) as Place[]).find((place) => paths[place] === pathname)

const breakable = (place: Place, lies: Lies): string | undefined => {
  const { token, userinfo, par, revocation, keys, discovery } = lies
  const told: Partial<Record<Place, string | undefined>> = {
    token,
    userinfo,
    par,
    revocation,
    keys,
    discovery,
  }
  return told[place]
}
