import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  connect,
  createServer,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2'
import type { RequestListener } from 'node:http'
import { watchUrls, type Bench } from './bench.ts'

/** Requests of `node:http2`, by way of its compatibility interface. */
export function http2({ it, issuer, listenerOf }: Bench): void {
  it('a request over HTTP/2 is decided like any other, its URL included', async () => {
    const { rule, seen } = watchUrls()
    await overHttp2(listenerOf({ rules: [rule] }), async ({ url, get }) => {
      const refused = await get({ ':path': '/guarded' })
      assert.deepEqual([refused[':status'], refused['www-authenticate']], [401, 'Bearer'])
      const authorization = `Bearer ${await issuer.issueToken()}`
      const granted = await get({ ':path': '/guarded?a=1', authorization })
      assert.equal(granted[':status'], 200)
      assert.deepEqual(seen, [`${url}/guarded?a=1`])
    })
  })
}

type Headers = IncomingHttpHeaders & IncomingHttpStatusHeader

interface Client {
  readonly url: string
  readonly get: (headers: Readonly<Record<string, string>>) => Promise<Headers>
}

async function overHttp2(listener: RequestListener, body: (client: Client) => Promise<void>) {
  const server = createServer()
  server.on('request', listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const url = `http://127.0.0.1:${port}`
  const session = connect(url)
  const get: Client['get'] = async (headers) => {
    const stream = session.request(headers)
    const [answer] = await once(stream, 'response')
    stream.resume()
    await once(stream, 'end')
    return answer
  }
  try {
    await body({ url, get })
  } finally {
    session.destroy()
    server.close()
  }
}
