import { createServer, type RequestListener, type Server } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { outageOf } from '../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../test/e2e/support/signing.ts'
import { createIssuer, type KeyOptions } from './create.ts'

const { jwk } = createTestKey('ES256')
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

/** An issuer over a real socket whose keys are answered by the listener. */
async function over(keys: RequestListener, options: KeyOptions = {}) {
  const asked: string[] = []
  const listener: RequestListener = (request, response) => {
    asked.push(request.url ?? '')
    if (request.url?.startsWith('/.well-known/') !== true) keys(request, response)
    else response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }))
  }
  const url: string = await listen(listener)
  return { url, asked, issuer: createIssuer({ issuer: url, keys: options }) }
}

const answer: RequestListener = (_request, response) => {
  response.end(JSON.stringify({ keys: [jwk] }))
}

test('a good answer over a real socket is used', async () => {
  const { issuer, asked } = await over(answer)
  await issuer.prewarm()
  expect(issuer.health()).toMatchObject({ ok: true, keys: 1 })
  expect(asked).toEqual(['/.well-known/openid-configuration', '/keys'])
})

describe('redirects', () => {
  test('within the origin are followed', async () => {
    const { issuer, asked } = await over((request, response) => {
      if (request.url === '/keys') response.writeHead(302, { location: '/v2/keys' }).end()
      else answer(request, response)
    })
    await issuer.prewarm()
    expect(issuer.health().keys).toBe(1)
    expect(asked.at(-1)).toBe('/v2/keys')
  })

  test('to another origin are refused, and nothing is asked there', async () => {
    const elsewhere: string[] = []
    const other = await listen((request, response) => {
      elsewhere.push(request.url ?? '')
      answer(request, response)
    })
    const { issuer, url } = await over((_request, response) => {
      response.writeHead(307, { location: `${other}/keys` }).end()
    })
    const outage = await outageOf(() => issuer.prewarm())
    expect(outage).toMatchObject({
      code: 'keys_unreachable',
      phase: 'redirect',
      url: `${url}/keys`,
    })
    expect(outage.message).toContain(`redirects to another origin, ${other}`)
    expect(elsewhere).toEqual([])
  })

  test('in a circle end', async () => {
    const { issuer, asked } = await over((_request, response) => {
      response.writeHead(301, { location: '/keys' }).end()
    })
    const outage = await outageOf(() => issuer.prewarm())
    expect(outage.message).toContain('redirects more than 3 times')
    expect(asked.filter((path) => path === '/keys')).toHaveLength(4)
  })

  test('that say no place are answers like others', async () => {
    const { issuer } = await over((_request, response) => response.writeHead(304).end())
    const outage = await outageOf(() => issuer.prewarm())
    expect(outage).toMatchObject({ phase: 'status' })
    expect(outage.message).toContain('answered 304')
  })
})

describe('nonsense', () => {
  const html = '<!doctype html><h1>We will be back soon</h1>'
  test.each<[string, RequestListener, string, string]>([
    [
      'HTML',
      (_request, response) =>
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html),
      'content',
      'it is not JSON (content-type text/html; charset=utf-8)',
    ],
    [
      'nothing at all',
      (_request, response) => response.end(),
      'content',
      'it is not JSON (content-type absent)',
    ],
    [
      'bytes that are no UTF-8',
      (_request, response) => response.end(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
      'body',
      'valid',
    ],
    [
      'more than half a megabyte',
      (_request, response) => response.end(JSON.stringify({ keys: [], x: 'x'.repeat(600_000) })),
      'body',
      'it is larger than 524288 bytes',
    ],
    [
      'a body without end',
      (_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
          response.once('drain', more)
        }
        more()
      },
      'body',
      'it is larger than 524288 bytes',
    ],
    [
      'a gzip bomb of 64 MB',
      (_request, response) =>
        response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .end(gzipSync(Buffer.alloc(64e6, ' '), { level: 1 })),
      'body',
      'it is larger than 524288 bytes',
    ],
    [
      'a connection that breaks in the body',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '5000' })
        response.write('{"keys": [', () => response.destroy())
      },
      'body',
      'other side closed',
    ],
  ])('%s is an outage that names URL, phase and cause', async (_what, keys, phase, why) => {
    const { issuer, url } = await over(keys)
    const outage = await outageOf(() => issuer.prewarm())
    expect(outage).toMatchObject({ code: 'keys_unreachable', phase, url: `${url}/keys` })
    expect(outage.message).toContain(`${url}/keys (${phase}): `)
    expect(outage.message).toContain(why)
    expect(outage.message).toMatch(/after \d+ ms$/)
  })
})

describe('an issuer that hangs', () => {
  const timed = async (act: () => Promise<unknown>) => {
    const began = performance.now()
    const outage = await outageOf(act)
    return { outage, took: performance.now() - began }
  }

  test('before it answers: an outage within the timeout', async () => {
    const { issuer, url } = await over(() => undefined, { timeout: 0.15 })
    const { outage, took } = await timed(() => issuer.prewarm())
    expect(outage).toMatchObject({ phase: 'connect', url: `${url}/keys` })
    expect(outage.message).toContain('no complete answer')
    expect(took).toBeLessThan(1500)
  })

  test('in the midst of its answer: the same', async () => {
    const keys: RequestListener = (_request, response) => response.writeHead(200).write('{"keys":')
    const { issuer } = await over(keys, { timeout: 0.15 })
    const { outage, took } = await timed(() => issuer.prewarm())
    expect(outage).toMatchObject({ phase: 'body' })
    expect(took).toBeLessThan(1500)
  })

  test('drop by drop: the timeout is for the whole, not for a drop', async () => {
    const keys: RequestListener = (_request, response) => {
      const drops = setInterval(() => response.write(' '), 20)
      response.once('close', () => clearInterval(drops))
    }
    const { issuer } = await over(keys, { timeout: 0.2 })
    const { took } = await timed(() => issuer.prewarm())
    expect(took).toBeLessThan(1500)
  })

  test('discovery and keys share one timeout', async () => {
    const url = await listen((request, response) => {
      const body =
        request.url === '/keys' ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/keys` }
      setTimeout(() => response.end(JSON.stringify(body)), 120)
    })
    const issuer = createIssuer({ issuer: url, keys: { timeout: 0.2 } })
    const { outage } = await timed(() => issuer.prewarm())
    expect(outage).toMatchObject({ url: `${url}/keys`, code: 'keys_unreachable' })
  })

  test('a fetch that does not listen to its signal is left behind', async () => {
    const deaf = () => new Promise<never>(() => {})
    const issuer = createIssuer({ issuer: 'https://id.test', fetch: deaf, keys: { timeout: 0.1 } })
    const { outage, took } = await timed(() => issuer.prewarm())
    expect(outage).toMatchObject({ code: 'issuer_unreachable', phase: 'connect' })
    expect(took).toBeLessThan(1500)
  })

  test('500 who wait for it are all told, after one try', async () => {
    const { issuer, asked } = await over(() => undefined, { timeout: 0.15 })
    const all = await Promise.allSettled(Array.from({ length: 500 }, () => issuer.prewarm()))
    expect(all.every((one) => one.status === 'rejected')).toBe(true)
    expect(asked).toHaveLength(2)
  })
})

test('nobody listens: the innermost cause is named, not AggregateError', async () => {
  const url = await listen(() => undefined)
  const server = servers.pop()
  await new Promise((resolve) => server?.close(resolve))
  const outage = await outageOf(() => createIssuer({ issuer: url }).prewarm())
  expect(outage).toMatchObject({ code: 'issuer_unreachable', phase: 'connect' })
  expect(outage.message).toContain('ECONNREFUSED')
})
