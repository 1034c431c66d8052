import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { isRecord } from '../lib/own.ts'
import { isCookie, withoutRewritten } from './cookies.ts'
import { beforeHead, cookiesOn, takeFields } from './head.ts'
import { bodyOf, formOf, jsonOf } from './node-body.ts'
import type { HeaderField, Reply } from './reply.ts'
import type { HttpRequest, LateResponse } from './request.ts'

/** What a host knows better than the raw request: where it was sent to, and whether its body was parsed. */
export interface NodeView<Host> {
  /** Where the client sent the request; asked only when somebody reads `url`. */
  readonly address: (host: Host) => Address
  /** The body where the host has parsed it already; an empty object may stand for one that it left alone. */
  readonly body: (host: Host) => unknown
  /** The response that belongs to the request, for cookies that change behind the guard. */
  readonly response?: (host: Host) => NodeResponse | undefined
}

/** The parts of an absolute URL, in the client's own words or those of a trusted proxy. */
export interface Address {
  readonly protocol: string
  /** `Host`, or the list that proxies make of it, the client's own first. */
  readonly host: string | undefined
  /** The request target before any router took it apart. */
  readonly target: string
}

type NodeRequest = IncomingMessage | Http2ServerRequest
type NodeResponse = ServerResponse | Http2ServerResponse

const authority = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

// None of the parts may reach into another's place, or a rule would judge another path.
function absoluteUrl({ protocol, host: hosts, target }: Address): string {
  const scheme = protocol === 'https' ? 'https' : 'http'
  const host = hosts?.split(',', 1)[0]?.trim()
  const named = `${scheme}://${host !== undefined && authority.test(host) ? host : 'unknown.invalid'}`
  const origin = URL.canParse(named) ? named : `${scheme}://unknown.invalid`
  // RFC 9112 §3.2.2: a target in absolute form names a host of its own; §3.2.4: an asterisk is no path.
  const path = literal(target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, ''))
  return `${origin}${path.startsWith('/') ? '' : '/'}${path}`
}

// Routers take a path as it was sent, `new URL` resolves its dots and turns its backslashes: what a rule
// reads must be the path that was routed, so they are written in a way that stays.
function literal(target: string): string {
  const [path = '', ...query] = target.split('?')
  const kept = path
    .replace(/\\/g, '%5C')
    .replace(/(?<=^|\/)(?:\.|%2e){1,2}(?=\/|$)/gi, (dots) => dots.replace(/\.|%2e/gi, '%252E'))
  return [kept, ...query].join('?')
}

/** Views a Node request as the core's port; `host` is what the framework makes of the request. */
export const fromNode = <Host>(
  request: NodeRequest,
  host: Host,
  view: NodeView<Host>,
): HttpRequest => new NodeHttpRequest(request, host, view)

// A class for the getter on its prototype: one in a literal makes a hidden class for every request, and
// costs more than the whole check (docs/decisions/012). The functions can be taken off the object.
class NodeHttpRequest<Host> implements HttpRequest {
  readonly method: string
  readonly header: HttpRequest['header']
  readonly #request: NodeRequest
  readonly #host: Host
  readonly #view: NodeView<Host>

  constructor(request: NodeRequest, host: Host, view: NodeView<Host>) {
    this.method = request.method ?? 'GET'
    this.header = (name) => fieldOf(request, name)
    this.#request = request
    this.#host = host
    this.#view = view
  }

  get form(): HttpRequest['form'] {
    return async () => formOf(await bodyOf(this.#request, this.#view.body(this.#host)))
  }

  get json(): () => Promise<unknown> {
    return async () => jsonOf(await bodyOf(this.#request, this.#view.body(this.#host)))
  }

  get certificate(): () => Uint8Array | undefined {
    return () => peerCertificate(this.#request)
  }

  get response(): LateResponse | undefined {
    const response = this.#view.response?.(this.#host)
    return response && lend(response)
  }

  get url(): string {
    return absoluteUrl(this.#view.address(this.#host))
  }
}

const lend = (response: NodeResponse): LateResponse => ({
  get sent() {
    return response.headersSent
  },
  append: (fields) => appendHeaders(response, fields),
  takeBack: (fields) => void keepOthers(response, fields),
})

/** What a request has of its fields. One that was made up, as in tests and on serverless platforms, may lack the raw ones. */
interface Fields {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly rawHeaders?: readonly string[]
}

function fieldOf(request: Fields, name: string): string | undefined {
  const raw = request.rawHeaders ?? []
  // To read the parsed fields of one that was received makes Node parse them all, which costs more than the
  // whole check.
  if (raw.length === 0) return [request.headers[name]].flat().join(', ') || undefined
  return rawField(raw, name)
}

/**
 * A field by its lower-case name out of `rawHeaders`: Node keeps only the first of two Authorization fields,
 * and the raw list both. HTTP/2 cuts the Cookie field in pieces (RFC 9113 §8.2.3), which a semicolon puts
 * together again.
 */
export function rawField(raw: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const candidate = raw[index]
    if (candidate?.length !== name.length) continue
    if (candidate !== name && candidate.toLowerCase() !== name) continue
    const value = raw[index + 1] ?? ''
    found = found === undefined ? value : `${found}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return found
}

function peerCertificate({ socket }: NodeRequest): Uint8Array | undefined {
  if (!('getPeerCertificate' in socket) || typeof socket.getPeerCertificate !== 'function')
    return undefined
  const certificate: unknown = socket.getPeerCertificate()
  return isRecord(certificate) && certificate['raw'] instanceof Uint8Array
    ? certificate['raw']
    : undefined
}

const appended = new WeakMap<NodeResponse, readonly HeaderField[]>()

/**
 * Adds fields to a response that is still to be sent. What is there already stays, but for cookies that
 * came this way and are now set anew. Cookies, and a `Cache-Control` that comes with them, are sent also
 * where a route sets others in their place.
 */
export function appendHeaders(response: NodeResponse, fields: readonly HeaderField[]): void {
  if (fields.length === 0) return
  if (fields.some(isCookie)) holdCookies(response)
  const kept = keepOthers(response, fields)
  for (const field of fields) appendOnce(response, field)
  appended.set(response, [...kept, ...fields])
}

function appendOnce(response: NodeResponse, [name, value]: HeaderField): void {
  if ([response.getHeader(name)].flat().includes(value)) return
  response.appendHeader(name, value)
}

const holding = new WeakSet<NodeResponse>()
const held: ReadonlySet<string> = new Set(['set-cookie', 'cache-control'])

// Whoever hands the fields of another server on, as proxies do, puts its cookies where ours were: a
// renewed session would be lost, and its refresh token with it. Or puts its cache control there, and a
// shared cache would hand the session around. Who takes all cookies off means it.
function holdCookies(response: NodeResponse): void {
  if (holding.has(response)) return
  holding.add(response)
  beforeHead(response, (given) => {
    const rest = takeFields(response, given, held)
    if (cookiesOn(response).length > 0) {
      appendAgain(response, ([name]) => held.has(name.toLowerCase()))
    }
    return rest
  })
}

// A route that writes the very cookie itself, as to end a session of its own accord, has the last word.
function appendAgain(response: NodeResponse, wanted: (field: HeaderField) => boolean): void {
  const theirs = cookiesOn(response).map((value): HeaderField => ['Set-Cookie', value])
  const ours = withoutRewritten(appended.get(response) ?? [], theirs)
  for (const field of ours) if (wanted(field)) appendOnce(response, field)
}

/** Takes the cookies back that came this way and are named here; answers what else came. */
function keepOthers(response: NodeResponse, named: readonly HeaderField[]): readonly HeaderField[] {
  const before = appended.get(response) ?? []
  const kept = withoutRewritten(before, named)
  if (kept.length === before.length) return before
  appended.set(response, kept)
  takeBack(
    response,
    before.filter((field) => !kept.includes(field)),
  )
  return kept
}

function takeBack(response: NodeResponse, cookies: readonly HeaderField[]): void {
  const old = new Set<unknown>(cookies.map(([, value]) => value))
  const there = cookiesOn(response)
  response.removeHeader('Set-Cookie')
  for (const value of there) if (!old.has(value)) response.appendHeader('Set-Cookie', value)
}

/**
 * For hosts that clear the response of a route that fails: throws the error on, and sees to it that what
 * was appended is there again when the response is sent.
 */
export const keepAppended =
  (response: NodeResponse) =>
  (error: unknown): never => {
    if (appended.has(response) && !response.headersSent) {
      beforeHead(response, (given) => {
        appendAgain(response, () => true)
        return given
      })
    }
    throw error
  }

/** Sends a reply of the core. */
export function sendNode(response: NodeResponse, { status, headers, body }: Reply): void {
  response.statusCode = status
  appendHeaders(response, headers)
  if (body === undefined) response.end()
  else response.end(body)
}
