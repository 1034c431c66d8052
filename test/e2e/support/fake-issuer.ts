import type { JWK } from 'jose'
import { createGate } from '../../support/gate.ts'

/** What a fake issuer answers; the signal is the caller's. */
export type Answer = (url: string, signal: AbortSignal | undefined) => Response | Promise<Response>

/** An issuer behind a `fetch` that is a plain function: no sockets, every call counted. */
export interface FakeIssuer {
  readonly url: string
  readonly fetch: typeof globalThis.fetch
  /** Every address that was asked for, in order. */
  readonly calls: readonly string[]
  readonly discoveries: number
  readonly keyFetches: number
  /** Replaces the published keys. */
  readonly publish: (...keys: readonly JWK[]) => void
  /** Fields of the answers for the key set. */
  readonly keyHeaders: (headers: Readonly<Record<string, string>>) => void
  readonly metadataHeaders: (headers: Readonly<Record<string, string>>) => void
  /** Answers something else, until `heal`. */
  readonly break: (what: 'discovery' | 'keys' | 'all', answer: Answer) => void
  readonly heal: () => void
  /** Holds the answers back until the returned function is called. */
  readonly hold: (what: 'discovery' | 'keys' | 'all') => () => void
}

interface Init {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

export const json = (body: unknown, init: Init = {}): Response =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
  })

/** The failure of a connection, as undici reports it. */
export const refused: Answer = () => {
  throw new TypeError('fetch failed', {
    cause: new AggregateError([new Error('connect ECONNREFUSED 192.0.2.1:443')], ''),
  })
}

export const status =
  (code: number): Answer =>
  () =>
    new Response(null, { status: code })

export function createFakeIssuer(url: string, ...published: readonly JWK[]): FakeIssuer {
  const calls: string[] = []
  const headers = { keys: {}, metadata: {} }
  const broken = new Map<string, Answer>()
  let keys = published
  let gate: { readonly what: string; readonly open: Promise<void> } | undefined
  const keysUrl = `${url}/keys`
  const metadata = { issuer: url, jwks_uri: keysUrl, token_endpoint: `${url}/token` }

  const right = (address: string): Response => {
    if (address === keysUrl) return json({ keys }, { headers: headers.keys })
    const found = address === `${url}/.well-known/openid-configuration`
    return found ? json(metadata, { headers: headers.metadata }) : new Response('', { status: 404 })
  }
  const answer = async (address: string, signal: AbortSignal | undefined): Promise<Response> => {
    const what = address === keysUrl ? 'keys' : 'discovery'
    if (gate !== undefined && (gate.what === 'all' || gate.what === what)) await gate.open
    const fault = broken.get(what) ?? broken.get('all')
    return fault === undefined ? right(address) : fault(address, signal)
  }
  return {
    url,
    calls,
    get discoveries() {
      return calls.filter((call) => call.includes('/.well-known/')).length
    },
    get keyFetches() {
      return calls.filter((call) => call === keysUrl).length
    },
    fetch: (input, init) => {
      const address = input instanceof Request ? input.url : String(input)
      calls.push(address)
      return answer(address, init?.signal ?? undefined)
    },
    publish: (...next) => {
      keys = next
    },
    keyHeaders: (next) => {
      headers.keys = next
    },
    metadataHeaders: (next) => {
      headers.metadata = next
    },
    break: (what, fault) => broken.set(what, fault),
    heal: () => broken.clear(),
    hold: (what) => {
      const { opened, open } = createGate()
      gate = { what, open: opened }
      return () => {
        gate = undefined
        open()
      }
    },
  }
}
