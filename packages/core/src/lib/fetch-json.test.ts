import { gzipSync } from 'node:zlib'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Outage } from '../errors/outage.ts'
import { describe as inWords } from './describe.ts'
import { fetchJson, type FetchJsonOptions } from './fetch-json.ts'

const address = 'https://id.test/keys?tenant=secret'

const options = (over: Partial<FetchJsonOptions> = {}): FetchJsonOptions => ({
  code: 'keys_unreachable',
  fetch: () => Promise.reject(new Error('nothing is fetched here')),
  deadline: AbortSignal.timeout(5000),
  allow: () => undefined,
  ...over,
})

const answering = (...answers: readonly (() => Response)[]): typeof fetch => {
  const left = [...answers]
  return () => {
    const next = left.shift()
    return next === undefined
      ? Promise.reject(new Error('no further request was expected'))
      : Promise.resolve(next())
  }
}

const failure = async (over: Partial<FetchJsonOptions>, from = address): Promise<Outage> => {
  const error: unknown = await fetchJson(from, options(over)).then(
    () => new Error('it was fetched'),
    (reason: unknown) => reason,
  )
  if (!Outage.is(error)) throw error
  return error
}

const redirect = (location: string, status = 302) =>
  new Response(null, { status, headers: { location } })

describe('a JSON document', () => {
  test('is fetched and parsed', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(() =>
      Promise.resolve(Response.json({ keys: [] }, { headers: { age: '3' } })),
    )
    const answer = await fetchJson(address, options({ fetch }))
    expect(answer).toMatchObject({ status: 200, body: { keys: [] } })
    expect(answer.headers.get('age')).toBe('3')
    expect(fetch).toHaveBeenCalledOnce()
    expect(fetch).toHaveBeenCalledWith(
      address,
      expect.objectContaining({ redirect: 'manual', cache: 'no-store' }),
    )
  })

  // As the API server of Kubernetes does with its keys.
  test.each(['application/json', 'application/jwk-set+json'])(
    'is had from a server that offers it as %s and as nothing else',
    async (type) => {
      const fetch = vi.fn<typeof globalThis.fetch>((_address, init) => {
        const accepted = new Headers(init?.headers).get('accept')?.split(/,\s*/) ?? []
        return Promise.resolve(
          accepted.includes(type) ? Response.json({ keys: [] }) : new Response('', { status: 406 }),
        )
      })
      expect(await fetchJson(address, options({ fetch }))).toMatchObject({ status: 200 })
    },
  )

  test('is taken whatever its media type says', async () => {
    const fetch = answering(
      () => new Response('[1]', { headers: { 'content-type': 'text/plain' } }),
    )
    expect((await fetchJson(address, options({ fetch }))).body).toEqual([1])
  })

  test.each([201, 304, 404, 503])('of another status is not read: %i', async (status) => {
    const body = status === 304 ? null : 'not json'
    const fetch = answering(() => new Response(body, { status }))
    expect(await fetchJson(address, options({ fetch }))).toMatchObject({ status, body: undefined })
  })
})

describe('a redirect', () => {
  test('within the origin is followed, and every address is allowed first', async () => {
    const allow = vi.fn<(url: URL) => void>()
    const fetch = answering(
      () => redirect('/other', 301),
      () => redirect('third', 308),
      () => Response.json({ here: true }),
    )
    expect((await fetchJson(address, options({ fetch, allow }))).body).toEqual({ here: true })
    expect(allow.mock.calls.map(([url]) => url.href)).toEqual([
      address,
      'https://id.test/other',
      'https://id.test/third',
    ])
  })

  test.each([
    ['another host', 'https://evil.test/keys', 'https://evil.test'],
    ['another port', 'https://id.test:8443/keys', 'https://id.test:8443'],
    ['plain HTTP', 'http://id.test/keys', 'http://id.test'],
    ['another host without scheme', '//evil.test/', 'https://evil.test'],
  ])('to %s is not followed', async (_, location, origin) => {
    expect(await failure({ fetch: answering(() => redirect(location)) })).toMatchObject({
      code: 'keys_unreachable',
      phase: 'redirect',
      message: expect.stringContaining(`it redirects to another origin, ${origin}`),
    })
  })

  test('is followed three times, and not a fourth', async () => {
    const again = () => redirect('/again')
    const three = answering(again, again, again, () => Response.json(1))
    expect((await fetchJson(address, options({ fetch: three }))).body).toBe(1)
    expect(await failure({ fetch: answering(again, again, again, again) })).toMatchObject({
      phase: 'redirect',
      message: expect.stringContaining('it redirects more than 3 times'),
    })
  })

  test('without a location is just an answer', async () => {
    const fetch = answering(() => new Response(null, { status: 302 }))
    expect((await fetchJson(address, options({ fetch }))).status).toBe(302)
  })

  test('to nonsense is an outage', async () => {
    expect((await failure({ fetch: answering(() => redirect('http://')) })).phase).toBe('redirect')
  })
})

describe('what goes wrong', () => {
  test('is an outage that names URL, phase, time and cause, and keeps the query to itself', async () => {
    const refused = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
    const outage = await failure({ fetch: () => Promise.reject(refused) })
    expect(outage).toMatchObject({
      code: 'keys_unreachable',
      url: 'https://id.test/keys',
      phase: 'connect',
      cause: refused,
    })
    expect(outage.message).toMatch(
      /https:\/\/id\.test\/keys \(connect\): connect ECONNREFUSED after \d+ ms$/,
    )
    expect(outage.message).not.toContain('secret')
  })

  test('shows neither user nor password of the address', async () => {
    const outage = await failure({}, 'https://user:hunter2@id.test/keys')
    expect(outage.url).toBe('https://id.test/keys')
    expect(outage.message).not.toContain('hunter2')
  })

  test('has the code that was asked for', async () => {
    expect((await failure({ code: 'issuer_unreachable' })).code).toBe('issuer_unreachable')
  })

  test('before anything is sent: an address that is not allowed', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>()
    const allow = () => {
      throw new Error('its address must be https')
    }
    expect((await failure({ fetch, allow })).message).toContain('its address must be https')
    expect(fetch).not.toHaveBeenCalled()
  })

  test.each([
    ['HTML', '<html>', 'text/html', 'it is not JSON (content-type text/html)'],
    ['nothing', '', 'application/json', 'it is not JSON (content-type application/json)'],
    ['half a document', '{"keys":[', 'application/json', 'it is not JSON'],
  ])('in the content: %s', async (_, body, type, message) => {
    const fetch = answering(() => new Response(body, { headers: { 'content-type': type } }))
    expect(await failure({ fetch })).toMatchObject({
      phase: 'content',
      message: expect.stringContaining(message),
    })
  })

  test('in the content: no body, and no type', async () => {
    const fetch = answering(() => new Response(null))
    expect((await failure({ fetch })).message).toContain('it is not JSON (content-type absent)')
  })

  test.each([
    ['bytes that are not UTF-8', [0x22, 0xff, 0x22]],
    ['a character that is cut off', [0x22, 0xe2, 0x82]],
  ])('in the body: %s', async (_, bytes) => {
    const fetch = answering(() => new Response(new Uint8Array(bytes)))
    expect((await failure({ fetch })).phase).toBe('body')
  })

  test('in the body: more than 512 KiB, and the rest of it is not waited for', async () => {
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536).fill(0x20))
      },
    })
    expect(await failure({ fetch: answering(() => new Response(endless)) })).toMatchObject({
      phase: 'body',
      message: expect.stringContaining('it is larger than 524288 bytes'),
    })
    expect(sent).toBeLessThan(1024 * 1024)
  })

  test('in the body: a connection that breaks', async () => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error('other side closed')),
    })
    expect(await failure({ fetch: answering(() => new Response(broken)) })).toMatchObject({
      phase: 'body',
      message: expect.stringContaining('other side closed'),
    })
  })
})

describe('the deadline', () => {
  test('ends a fetch that does not listen to its signal', async () => {
    const fetch = () => new Promise<Response>(() => undefined)
    const outage = await failure({ fetch, deadline: AbortSignal.timeout(10) })
    expect(outage.phase).toBe('connect')
    expect(outage.message).toMatch(/no complete answer after \d+ ms$/)
  })

  test('ends a body that never does', async () => {
    const stalled = () => new Response(new ReadableStream<Uint8Array>({ pull: () => undefined }))
    const outage = await failure({ fetch: answering(stalled), deadline: AbortSignal.timeout(10) })
    expect(outage).toMatchObject({ phase: 'body' })
    expect(outage.message).toContain('no complete answer')
  })

  test('that has passed already ends everything', async () => {
    const fetch = () => new Promise<Response>(() => undefined)
    const outage = await failure({ fetch, deadline: AbortSignal.abort() })
    expect(outage.message).toContain('no complete answer')
  })
})

describe('over a real socket', () => {
  const closers: (() => void)[] = []

  afterEach(() => {
    for (const close of closers.splice(0)) close()
  })

  const listen = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closers.push(() => server.close().closeAllConnections())
    // A server that listens on a port has an address of this kind.
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  }

  test('a small archive of a large document ends early', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000, ' '))
    expect(bomb.length).toBeLessThan(100_000)
    const url = await listen((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    expect(await failure({ fetch }, url)).toMatchObject({
      phase: 'body',
      message: expect.stringContaining('it is larger than 524288 bytes'),
    })
  })

  test('the words of the system are found behind those of fetch', async () => {
    const url = await listen((request) => request.socket.destroy())
    const { message } = await failure({ fetch }, url)
    expect(message).not.toContain('fetch failed')
    expect(message).toMatch(/other side closed|ECONNRESET/)
  })
})

describe('an error in words', () => {
  test.each([
    ['its message', new Error('a'), 'a'],
    [
      'the message of its first cause',
      new Error('a', { cause: new Error('b', { cause: new Error('c') }) }),
      'c',
    ],
    [
      'the message of the first of several',
      new AggregateError([new Error('v6'), new Error('v4')], 'all'),
      'v6',
    ],
    ['its name where it has no message', new RangeError(''), 'RangeError'],
    ['the text that was thrown', 'text', 'text'],
    ['the cause that is a text', new Error('a', { cause: 'b' }), 'b'],
    ['its own message where it has several of none', new AggregateError([], 'all'), 'all'],
  ])('is %s', (_, error, words) => {
    expect(inWords(error)).toBe(words)
  })

  test('is its own message where its cause says nothing', () => {
    expect(inWords(new Error('down', { cause: null }))).toBe('down')
    expect(inWords(new Error('down', { cause: { code: 1 } }))).toBe('down')
  })

  test('has an end where the causes go in a circle', () => {
    const error = new Error('round')
    error.cause = error
    expect(inWords(error)).toBe('round')
  })
})
