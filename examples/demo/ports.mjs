import { createServer } from 'node:http'

/** Starts something on the port that the documentation names, or on any free one where that is taken. */
export async function onPort(name, preferred, start, say) {
  try {
    return await start(preferred)
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error
    say(`Port ${preferred} is taken: ${name} gets another one.`)
    return start(0)
  }
}

/** Serves a listener on the loopback interface alone. */
export const listen = (listener, port) => listenAs(() => listener, port)

/** The same for a listener that must know its own address. */
export function listenAs(create, port) {
  let listener
  const server = createServer((request, response) => listener(request, response))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const url = `http://127.0.0.1:${server.address().port}`
      try {
        listener = create(url)
        resolve({ url, close: () => closed(server) })
      } catch (error) {
        server.close()
        reject(error)
      }
    })
  })
}

// A browser keeps its connections open for minutes; nobody wants to wait for that after Ctrl-C.
const closed = (server) =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
