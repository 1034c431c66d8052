import { connect } from 'node:net'

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** A request exactly as it is written: no library may mend it. */
export interface WireRequest {
  readonly port: number
  readonly method?: string
  readonly target?: string
  readonly host?: string
  readonly fields?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
  /** The whole request, in place of all others. */
  readonly text?: string
}

/** The values of a field, in order. */
export const valuesOf = ({ fields }: WireAnswer, name: string): readonly string[] =>
  fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)

/** Sends one request over a connection of its own. An end without an answer is status 0. */
export function ask(request: WireRequest): Promise<WireAnswer> {
  if (request.text !== undefined) return exchange(request.port, request.text)
  const { method = 'GET', target = '/orders/1', host = 'api.test', fields = [], body } = request
  const length = body === undefined ? [] : [['Content-Length', String(body.length)] as const]
  const head = [
    `${method} ${target} HTTP/1.1`,
    ...[['Host', host] as const, ...fields, ...length].map(([name, value]) => `${name}: ${value}`),
    // A field of the request may say something else about the connection.
    ...(fields.some(([name]) => name.toLowerCase() === 'connection') ? [] : ['Connection: close']),
  ]
  return exchange(request.port, `${head.join('\r\n')}\r\n\r\n${body ?? ''}`)
}

const exchange = (port: number, text: string): Promise<WireAnswer> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    const finish = (): void => {
      socket.destroy()
      resolve(parse(received))
    }
    socket.setEncoding('latin1')
    socket.setTimeout(10_000, () => reject(new Error('no answer within 10 s')))
    socket.once('error', (error) => (received === '' ? reject(error) : finish()))
    socket.once('end', finish)
    socket.on('data', (chunk: string) => {
      received += chunk
      if (isWhole(received)) finish()
    })
    socket.write(Buffer.from(text, 'latin1'))
  })

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, end))?.[1]
  if (length !== undefined) return text.length >= end + 4 + Number(length)
  return text.endsWith('0\r\n\r\n')
}

function parse(text: string): WireAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n')
  const fields = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
  })
  const chunked = fields.some(([name, value]) => /^transfer-encoding$/i.test(name) && value !== '')
  const body = end < 0 ? '' : text.slice(end + 4)
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0),
    fields,
    body: chunked ? unchunked(body) : body,
  }
}

function unchunked(body: string): string {
  const end = body.indexOf('\r\n')
  const size = Number.parseInt(body.slice(0, end), 16)
  if (end < 0 || !(size > 0)) return ''
  return body.slice(end + 2, end + 2 + size) + unchunked(body.slice(end + 4 + size))
}
