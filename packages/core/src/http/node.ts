import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { isRecord } from '../lib/own.ts'
import { readForm } from './form.ts'
import type { HeaderField, Reply } from './reply.ts'
import type { HttpRequest } from './request.ts'

/** What a host knows better than the raw request: where it was sent to, and whether its body was parsed. */
export interface NodeView<Host> {
  /** The absolute URL as the client saw it; asked only when somebody reads `url`. */
  readonly url: (host: Host) => string
  /** The body where the host has parsed it already. */
  readonly body: (host: Host) => unknown
}

type NodeRequest = IncomingMessage | Http2ServerRequest
type NodeResponse = ServerResponse | Http2ServerResponse

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
  readonly form: HttpRequest['form']
  readonly certificate: () => Uint8Array | undefined
  readonly #host: Host
  readonly #view: NodeView<Host>

  constructor(request: NodeRequest, host: Host, view: NodeView<Host>) {
    this.method = request.method ?? 'GET'
    this.header = (name) => fieldOf(request.rawHeaders, name)
    this.form = () => formOf(request, view.body(host))
    this.certificate = () => peerCertificate(request)
    this.#host = host
    this.#view = view
  }

  get url(): string {
    return this.#view.url(this.#host)
  }
}

// Node keeps only the first of two Authorization fields; the raw list keeps both.
function fieldOf(raw: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const candidate = raw[index]
    if (candidate?.length !== name.length || candidate.toLowerCase() !== name) continue
    const value = raw[index + 1] ?? ''
    found = found === undefined ? value : `${found}, ${value}`
  }
  return found
}

const forms = new WeakMap<NodeRequest, Promise<URLSearchParams>>()

// A body can be read once, and several guards may stand before a route.
function formOf(request: NodeRequest, parsed: unknown): Promise<URLSearchParams> {
  const form =
    forms.get(request) ??
    (isParsed(parsed) ? Promise.resolve(fromParsed(parsed)) : readForm(request))
  forms.set(request, form)
  return form
}

const isParsed = (body: unknown): body is string | object =>
  typeof body === 'string' || (typeof body === 'object' && body !== null)

function fromParsed(body: string | object): URLSearchParams {
  if (typeof body === 'string') return new URLSearchParams(body)
  if (body instanceof Uint8Array) return new URLSearchParams(Buffer.from(body).toString())
  const fields = new URLSearchParams()
  for (const [name, value] of Object.entries(body)) {
    for (const one of [value].flat()) if (typeof one === 'string') fields.append(name, one)
  }
  return fields
}

function peerCertificate({ socket }: NodeRequest): Uint8Array | undefined {
  if (!('getPeerCertificate' in socket) || typeof socket.getPeerCertificate !== 'function')
    return undefined
  const certificate: unknown = socket.getPeerCertificate()
  return isRecord(certificate) && certificate['raw'] instanceof Uint8Array
    ? certificate['raw']
    : undefined
}

/** Adds fields to a response that is still to be sent; what is there already stays. */
export function appendHeaders(response: NodeResponse, fields: readonly HeaderField[]): void {
  for (const [name, value] of fields) response.appendHeader(name, value)
}

/** Sends a reply of the core. */
export function sendNode(response: NodeResponse, { status, headers, body }: Reply): void {
  response.statusCode = status
  appendHeaders(response, headers)
  if (body === undefined) response.end()
  else response.end(body)
}
