import { readBody } from './body.ts'
import { parseJson } from './json.ts'

/** What tells of a request of Node whether its body is still to be read. One that was made up may lack any of it. */
export interface NodeBody extends AsyncIterable<Uint8Array | string> {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly complete?: boolean
  readonly readableDidRead?: boolean
  readonly readableEnded?: boolean
  readonly socket?: { readonly pending?: boolean } | null
  /** That of HTTP/2. */
  readonly stream?: { readonly endAfterHeaders?: boolean }
}

/** A body as somebody read it: text, bytes, or what a parser made of it. */
export type ReadBody = string | object

const bodies = new WeakMap<NodeBody, Promise<ReadBody>>()

/**
 * The body that the host has parsed, or else the one that is still in the request. A body can be read
 * once, and several guards may stand before a route.
 */
export function bodyOf(request: NodeBody, parsed: unknown): Promise<ReadBody> {
  const body =
    bodies.get(request) ?? (isParsed(parsed, request) ? Promise.resolve(parsed) : readBody(request))
  bodies.set(request, body)
  return body
}

const isParsed = (body: unknown, request: NodeBody): body is ReadBody =>
  typeof body === 'string' ||
  (typeof body === 'object' && body !== null && !(isEmpty(body) && isUnread(request)))

// What body-parser 1 and the parsers of Koa put where they left a body of another type alone.
function isEmpty(body: object): boolean {
  const kind: unknown = Object.getPrototypeOf(body)
  const isPlain = kind === null || Object.getPrototypeOf(kind) === null
  return isPlain && Object.keys(body).length === 0
}

/** Whether a body is announced that nobody has begun to read. */
function isUnread(request: NodeBody): boolean {
  const { readableDidRead, readableEnded, complete, socket, headers, stream } = request
  if (readableDidRead !== false || readableEnded === true) return false
  // Of one that was made up around an empty stream, the body would be waited for in vain.
  if (complete === false && socket?.pending !== false) return false
  // RFC 9112 §6.3; in HTTP/2 a body need not be announced by a field.
  return (
    headers['transfer-encoding'] !== undefined ||
    Number(headers['content-length'] ?? 0) > 0 ||
    stream?.endAfterHeaders === false
  )
}

/** The fields of a form, whoever has read it. */
export function formOf(body: ReadBody): URLSearchParams {
  if (typeof body === 'string') return new URLSearchParams(body)
  if (body instanceof Uint8Array) return new URLSearchParams(Buffer.from(body).toString())
  const fields = new URLSearchParams()
  for (const [name, value] of Object.entries(body)) {
    for (const one of [value].flat()) if (typeof one === 'string') fields.append(name, one)
  }
  return fields
}

/** The value of a JSON body, whoever has read it. */
export function jsonOf(body: ReadBody): unknown {
  if (typeof body === 'string') return parseJson(body)
  return body instanceof Uint8Array ? parseJson(Buffer.from(body).toString()) : body
}
