import { connect } from 'node:net'

/** What a client that keeps to no rules writes on the wire. */
export interface Knock {
  readonly target: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** Sends a request as it is given, over a socket of its own, and answers with the status. */
export function knock(origin: string, { target, fields }: Knock): Promise<number> {
  const { hostname, port } = new URL(origin)
  const lines = [...fields, ['Connection', 'close']].map(([name, value]) => `${name}: ${value}`)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.setEncoding('latin1')
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within 10 seconds')))
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.once('error', reject)
    socket.once('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1])))
    socket.write(`GET ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  })
}
