import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { Outage } from '../errors/outage.ts'
import { createIssuer } from './create.ts'

// An issuer that takes the request and never answers.
const server = createServer(() => undefined).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

test('an issuer that hangs is an outage within 5 seconds where nothing else was configured', async () => {
  const began = performance.now()
  const error: unknown = await createIssuer({ issuer: `http://127.0.0.1:${port}` })
    .prewarm()
    .catch((reason: unknown) => reason)
  const took = performance.now() - began
  expect(Outage.is(error)).toBe(true)
  // And a second for a machine that is busy with other tests.
  expect(took).toBeLessThan(5000 + 1000)
  // It was given its time.
  expect(took).toBeGreaterThan(4000)
})
