import { createServer, type RequestListener, type Server } from 'node:http'

/** An application behind a real socket of loopback. */
export interface RunningApp {
  readonly url: string
  readonly close: () => Promise<void>
}

export async function listen(listener: RequestListener): Promise<RunningApp> {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** What a client sees of an answer. */
export interface Seen {
  readonly status: number
  readonly challenge: string | null
  readonly retryAfter: string | null
  readonly body: string
  readonly milliseconds: number
}

export async function call(url: string, token?: string): Promise<Seen> {
  const began = performance.now()
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(url, { headers })
  const body = await response.text()
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    retryAfter: response.headers.get('retry-after'),
    body,
    milliseconds: performance.now() - began,
  }
}
