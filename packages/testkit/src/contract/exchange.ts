import { request as open, type IncomingMessage } from 'node:http'

/** A request as it goes over the wire: every field is sent, also one that is repeated. */
export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly fields?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
  /** Milliseconds after which a response that does not end is cut off. Default 10,000. */
  readonly patience?: number
}

/** What came back. */
export interface Received {
  readonly status: number
  /** The values of a field, one for each time it was sent. */
  readonly field: (name: string) => readonly string[]
  readonly text: string
  /** The body as JSON. */
  readonly json: () => unknown
  /** Whether the response ended as it should. */
  readonly complete: boolean
}

/** Sends with `node:http`: `fetch` would join repeated fields. */
export function exchange(origin: string, sent: Sent): Promise<Received> {
  const { method = 'GET', path = '/guarded', fields = [], body, patience = 10_000 } = sent
  const { host } = new URL(origin)
  const length: readonly string[] =
    body === undefined ? [] : ['Content-Length', `${Buffer.byteLength(body)}`]
  const hasHost = fields.some(([name]) => name.toLowerCase() === 'host')
  const headers = [
    ...(hasHost ? [] : ['Host', host]),
    ...length,
    'Connection',
    'close',
    ...fields.flat(),
  ]
  return new Promise((resolve, reject) => {
    const request = open(new URL(path, origin), { method, headers, agent: false })
    request.setTimeout(10_000, () => request.destroy(new Error('no answer within 10 seconds')))
    request.once('error', reject)
    request.once('response', (response) => {
      read(response, patience).then(resolve, reject)
    })
    request.end(body)
  })
}

function read(response: IncomingMessage, patience: number): Promise<Received> {
  return new Promise((resolve) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk) => {
      text += String(chunk)
    })
    // A response that is cut off is an answer too: the status says what was meant.
    response.once('error', () => {})
    const timer = setTimeout(() => response.destroy(), patience)
    response.once('close', () => {
      clearTimeout(timer)
      resolve(received(response, text))
    })
  })
}

const received = (response: IncomingMessage, text: string): Received => ({
  status: response.statusCode ?? 0,
  field: (name) => response.headersDistinct[name.toLowerCase()] ?? [],
  text,
  json: () => JSON.parse(text),
  complete: response.complete,
})
