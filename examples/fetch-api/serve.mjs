import { createServer } from 'node:http'
import { Readable } from 'node:stream'

/** Serves a web-standard handler with node:http. Hono, h3 and the runtimes for workers bring this along. */
export const serve = (handler) =>
  createServer(async (incoming, outgoing) => {
    try {
      const response = await handler(toRequest(incoming))
      outgoing.writeHead(response.status, [...response.headers].flat())
      outgoing.end(Buffer.from(await response.arrayBuffer()))
    } catch (error) {
      console.error(error)
      outgoing.writeHead(500).end('Internal Server Error')
    }
  })

function toRequest(incoming) {
  const { method, url, headersDistinct } = incoming
  // Every field, also a repeated one: a guard must see that there were two of them.
  const headers = Object.entries(headersDistinct).flatMap(([name, values]) =>
    values.map((value) => [name, value]),
  )
  const body = method === 'GET' || method === 'HEAD' ? null : Readable.toWeb(incoming)
  return new Request(`http://${incoming.headers.host}${url}`, {
    method,
    headers,
    body,
    duplex: 'half',
  })
}
