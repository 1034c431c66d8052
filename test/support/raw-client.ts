import { once } from 'node:events'
import { connect, type NetConnectOpts, type Socket } from 'node:net'

/** A connection on which a test writes what it likes. */
export interface RawClient {
  readonly socket: Socket
  /** Everything that came until the other side ended the connection. */
  readonly all: Promise<string>
  /** What came so far, once it holds the text. */
  until(text: string | RegExp): Promise<string>
  write(text: string): void
}

export async function rawClient(to: NetConnectOpts): Promise<RawClient> {
  const socket = connect(to)
  await once(socket, 'connect')
  let seen = ''
  socket.setEncoding('latin1').on('data', (piece: string) => (seen += piece))
  const all = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(seen))
    socket.once('error', () => resolve(seen))
  })
  const until = async (text: string | RegExp): Promise<string> => {
    while (typeof text === 'string' ? !seen.includes(text) : !text.test(seen)) {
      if (socket.destroyed) throw new Error(`closed after: ${seen}`)
      await Promise.race([once(socket, 'data'), once(socket, 'close')])
    }
    return seen
  }
  return { socket, all, until, write: (text) => void socket.write(text, 'latin1') }
}

/** The text of a request without a body. */
export const requestText = (
  fields: readonly (readonly [name: string, value: string])[],
  line = 'GET /check HTTP/1.1',
): string =>
  `${line}\r\n${[['Host', 'gateway'], ...fields].map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
