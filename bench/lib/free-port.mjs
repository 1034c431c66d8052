import { createServer } from 'node:net'

// Below the ports that the system gives out by itself, one after another: nobody is told the same twice.
const first = 20_000
const count = 12_000
let dealt = Math.floor(Math.random() * count)

/** A port for a program that must be told its own. */
export async function freePort() {
  const port = first + (dealt++ % count)
  const server = createServer()
  const isFree = await new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
  return isFree ? port : freePort()
}
