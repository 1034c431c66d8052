import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createRedisLink } from './client.ts'

/** Takes connections and never says a word, like a Redis that was stopped. */
async function frozen() {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    sockets.push(socket.resume())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  // An address over TCP is an object.
  const { port } = server.address() as AddressInfo
  return { url: `redis://127.0.0.1:${port}`, server, sockets }
}

const failed = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'answered',
    (error: unknown) => String(error),
  )

describe('a Redis that is not reached', () => {
  test('is told with what went wrong, and not only that nobody is there', async () => {
    const { url, server } = await frozen()
    server.on('connection', (socket) => {
      socket.once('data', () => socket.write('-WRONGPASS invalid username-password pair\r\n'))
    })
    const link = createRedisLink(url.replace('//', '//user:secret-word@'))
    await vi.waitFor(async () => expect(await failed(link.get('a'))).toContain('WRONGPASS'), 5000)
    const told = await failed(link.connect())
    expect(told).toContain('WRONGPASS')
    expect(told).not.toContain('secret-word')
    await link.close()
  })
})

describe('a Redis that answers nothing', () => {
  test('is sent no more commands than may wait, so that they do not fill the memory', async () => {
    const { url, server } = await frozen()
    const link = createRedisLink(url, { unanswered: 2 })
    const connected = once(server, 'connection')
    const waiting = [failed(link.get('a')), failed(link.get('b'))]
    expect(await failed(link.get('c'))).toContain('too many commands wait')
    await connected
    await link.close()
    expect(await Promise.all(waiting)).not.toContain('answered')
  })

  test('loses its connection, and the next command opens another', async () => {
    const { url, sockets } = await frozen()
    const link = createRedisLink(url, { silence: 20 })
    expect(await failed(link.get('a'))).not.toBe('answered')
    expect(link.reached()).toBe(false)
    expect(await failed(link.get('b'))).not.toBe('answered')
    await vi.waitFor(() => expect(sockets.length).toBe(2), 5000)
    await link.close()
  })
})
