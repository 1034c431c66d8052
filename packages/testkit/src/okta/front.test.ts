import { request } from 'node:http'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { createOkta } from './create.ts'
import type { Exchange } from './wire.ts'

const exchanges: Exchange[] = []
const okta = await createOkta({
  apps: { fixed: { applicationType: 'browser', redirectUris: ['https://app.example/cb'] } },
  trustedOrigins: ['https://trusted.example'],
  onExchange: (exchange) => exchanges.push(exchange),
})
afterAll(() => okta.close())
afterEach(() => {
  okta.faults.clear()
  okta.limits.perMinute = 600
})

const base = okta.servers.default.base
const token = `${base}/v1/token`

describe('rate limits', () => {
  test('each limited answer says how much is left, in epoch seconds', async () => {
    const { headers } = await okta.request('introspect', { token: 'x' })
    expect(headers.get('x-rate-limit-limit')).toBe('600')
    expect(headers.get('x-rate-limit-remaining')).toBe('599')
    const reset = Number(headers.get('x-rate-limit-reset'))
    expect(Math.abs(reset - okta.clock.now() / 1000 - 60)).toBeLessThan(2)
    expect(headers.get('x-okta-request-id')).toMatch(/^\w{27}$/)
  })

  test('over the limit: 429 in the Okta envelope, on OAuth endpoints too, until the window ends', async () => {
    okta.limits.perMinute = 2
    okta.clock.advance(61)
    const statuses = []
    for (let attempt = 0; attempt < 3; attempt++) {
      statuses.push(await okta.request('revoke', { token: 'x' }))
    }
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429])
    const last = statuses[2]
    expect(last?.body).toMatchObject({
      errorCode: 'E0000047',
      errorSummary: 'API call exceeded rate limit due to too many requests.',
    })
    expect(last?.headers.get('x-rate-limit-remaining')).toBe('0')
    expect(last?.headers.get('retry-after')).toBeNull()
    expect((await okta.request('introspect', { token: 'x' })).status).toBe(200)
    okta.clock.advance(61)
    expect((await okta.request('revoke', { token: 'x' })).status).toBe(200)
  })

  test('keys and discovery are exempt', async () => {
    okta.limits.perMinute = 0
    for (const path of ['/v1/keys', '/.well-known/openid-configuration']) {
      const response = await fetch(`${base}${path}`)
      expect(response.status).toBe(200)
      expect(response.headers.get('x-rate-limit-limit')).toBeNull()
    }
  })
})

describe('what the edge says', () => {
  test('a post without a length or a form: 411', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(token, { method: 'POST' }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.removeHeader('transfer-encoding')
      sent.once('error', reject).end()
    })
    expect(status).toBe(411)
    expect((await fetch(token, { method: 'POST' })).status).toBe(411)
  })

  test('a path that nobody knows: 404; a method that it does not have: 405', async () => {
    const missing = await fetch(`${okta.url}/api/v1/nothing`)
    expect([missing.status, await missing.json()]).toMatchObject([404, { errorCode: 'E0000007' }])
    const wrong = await fetch(token)
    expect([wrong.status, await wrong.json()]).toMatchObject([405, { errorCode: 'E0000022' }])
  })

  test('an unknown server at /token: 404 in the Okta envelope', async () => {
    const response = await fetch(`${okta.url}/oauth2/aus1/v1/token`, { method: 'POST', body: 'x' })
    expect([response.status, await response.json()]).toMatchObject([404, { errorCode: 'E0000007' }])
  })
})

describe('scripts of other origins', () => {
  const preflight = (origin: string, url = token) =>
    fetch(url, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'x-okta-user-agent-extended, dpop',
      },
    })

  test('may ask when they are trusted, or those of a redirect URI', async () => {
    for (const origin of ['https://trusted.example', 'https://app.example']) {
      const response = await preflight(origin)
      expect(response.status).toBe(204)
      expect(response.headers.get('access-control-allow-origin')).toBe(origin)
      expect(response.headers.get('access-control-allow-methods')).toBe('POST')
      expect(response.headers.get('access-control-allow-headers')).toMatch(/user-agent-extended/)
      expect(response.headers.get('access-control-max-age')).toBe('3600')
      expect(response.headers.get('vary')).toBe('Origin')
    }
  })

  test('may not otherwise, and nobody may at /authorize or in direct authentication', async () => {
    const stranger = await preflight('https://attacker.example')
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull()
    for (const name of ['authorize', 'challenge', 'logout']) {
      expect((await preflight('https://trusted.example', `${base}/v1/${name}`)).status).toBe(405)
    }
  })

  test('a code from a browser needs PKCE, and a known origin', async () => {
    const form = {
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: 'https://app.example/cb',
    }
    const ask = (Origin: string) =>
      okta.request('token', form, { app: 'fixed', headers: { Origin } })
    const known = await ask('https://app.example')
    expect([known.status, known.body['error']]).toEqual([401, 'invalid_client'])
    const unknown = await ask('https://attacker.example')
    expect([unknown.status, unknown.body['error']]).toEqual([400, 'invalid_request'])
  })
})

describe('levers', () => {
  test('requests are counted by door, faults reach one door', async () => {
    okta.requests.reset()
    await fetch(`${base}/v1/keys`)
    await fetch(`${okta.url}/oauth2/v1/keys`)
    expect(okta.requests.of('jwks')).toBe(2)
    okta.faults.set('jwks', { kind: 'status', status: 503 })
    expect((await fetch(`${base}/v1/keys`)).status).toBe(503)
    expect((await okta.request('introspect', { token: 'x' })).status).toBe(200)
  })

  test('the wire can be watched', async () => {
    exchanges.length = 0
    await okta.request('introspect', { token: 'x' })
    expect(exchanges).toMatchObject([
      { endpoint: 'introspection', method: 'POST', status: 200, answer: '{"active":false}' },
    ])
    expect(exchanges[0]?.body).toBe('token=x')
  })

  test('whom the org does not know is told to the test', () => {
    expect(() => okta.user('nobody')).toThrow("the org does not know 'nobody'")
    expect(() => okta.phone('alice').approve()).toThrow('no prompt waits for an answer')
    expect(() => okta.inbox('bob').lastCode('sms')).toThrow('bob got no sms')
  })

  test('nothing failed inside', () => {
    expect(okta.errors).toEqual([])
  })
})
