import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { converse } from './agent.ts'

test('a HELLO that never ends costs the connection, however often a byte of it comes', async () => {
  const server = createServer((socket) => void converse(socket, () => undefined, 60))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  // An address over TCP is an object.
  const line = connect((server.address() as AddressInfo).port, '127.0.0.1')
  line.on('error', () => undefined)
  line.resume()
  // `once` would reject where the end comes as a reset.
  const closed = new Promise((resolve) => void line.once('close', resolve))
  line.write(Buffer.from([0, 0, 0x80, 0]))
  const drip = setInterval(() => line.write('x'), 5)
  onTestFinished(() => {
    clearInterval(drip)
    line.destroy()
    server.close()
  })
  await closed
  expect(line.destroyed).toBe(true)
})
