import { createServer } from 'node:net'

// Below the ports that the system gives out by itself: 20,000 to 31,999, a share for each worker of the
// suite. Ports are dealt one after another, so that nobody is told one that another was just told.
const first = 20_000
const share = 1_500
const shares = 8

const worker = Number(process.env['VITEST_POOL_ID'] ?? 1) % shares
let dealt = Math.floor(Math.random() * share)

/** A port for a program that must be told its own. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < share; attempt++) {
    const port = first + worker * share + (dealt++ % share)
    if (await isFree(port)) return port
  }
  throw new Error('no port is free')
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
