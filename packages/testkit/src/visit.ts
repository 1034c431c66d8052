import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as secureRequest } from 'node:https'

/** What a browser sends. */
export interface Visit {
  readonly method?: string
  readonly headers?: ConstructorParameters<typeof Headers>[0]
  readonly body?: string | URLSearchParams
  /** Certificates to trust beside those that are known. */
  readonly ca?: string
}

/** Sends one request as a browser does when a person goes somewhere: `fetch` would say that a script asks. */
export async function visit(url: URL, { body, ca, ...sent }: Visit): Promise<Response> {
  const headers = new Headers(sent.headers)
  for (const [name, value] of navigation) if (!headers.has(name)) headers.set(name, value)
  if (body instanceof URLSearchParams) {
    headers.set('content-type', 'application/x-www-form-urlencoded')
  }
  const options = {
    method: sent.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: Object.fromEntries(headers),
    agent: false as const,
    ...(ca !== undefined && { ca }),
  }
  const request = (url.protocol === 'https:' ? secureRequest : plainRequest)(url, options)
  const received = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject)
    request.end(body?.toString())
  })
  return toResponse(received)
}

const navigation: readonly (readonly [string, string])[] = [
  ['accept', 'text/html,application/xhtml+xml,*/*;q=0.8'],
  ['sec-fetch-dest', 'document'],
  ['sec-fetch-mode', 'navigate'],
]

async function toResponse(received: IncomingMessage): Promise<Response> {
  const chunks: Uint8Array[] = []
  for await (const chunk of received) chunks.push(chunk)
  const headers = new Headers()
  for (let at = 0; at < received.rawHeaders.length; at += 2) {
    headers.append(received.rawHeaders[at] ?? '', received.rawHeaders[at + 1] ?? '')
  }
  const status = received.statusCode ?? 0
  // These have no body, and a Response insists on it.
  const isEmpty = status === 204 || status === 205 || status === 304
  return new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers })
}
