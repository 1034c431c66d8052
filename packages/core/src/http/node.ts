import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { isRecord } from '../lib/own.ts'
import { readForm } from './form.ts'
import type { HeaderField, Reply } from './reply.ts'
import type { HttpRequest } from './request.ts'

/** What a host knows better than the raw request: where it was sent to, and whether its body was parsed. */
export interface NodeView {
  /** The absolute URL as the client saw it; asked only when somebody reads `url`. */
  readonly url: () => string
  /** The body where the host has parsed it already. */
  readonly body: () => unknown
}

type NodeRequest = IncomingMessage | Http2ServerRequest
type NodeResponse = ServerResponse | Http2ServerResponse

/** Views a Node request as the core's port. */
export const fromNode = (request: NodeRequest, { url, body }: NodeView): HttpRequest => ({
  get method() {
    return request.method ?? 'GET'
  },
  get url() {
    return url()
  },
  header: (name) => fieldOf(request.rawHeaders, name),
  form: () => formOf(request, body()),
  certificate: () => peerCertificate(request),
})

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
