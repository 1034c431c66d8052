import { expect, test } from 'vitest'
import { createCallers, request } from '../../../../test/support/gateway-caller.ts'
import { allowed, forwarded, unavailable } from '../../../../test/support/gateway-question.ts'
import type { Inquiry } from '../check/inquiry.ts'
import { createEnvoyHttp } from '../dialects/envoy-http.ts'
import { createForwardAuth } from '../dialects/forward-auth.ts'
import { createNginx } from '../dialects/nginx.ts'
import { createOauth2Proxy } from '../dialects/oauth2-proxy.ts'
import { handlerFor } from './handler.ts'
import { told } from './told.ts'

const fields = Object.fromEntries(
  Object.entries({ ...forwarded, Authorization: 'Bearer t' }).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]),
)

test('any adapter can host a dialect', async () => {
  const seen: Inquiry[] = []
  const handler = handlerFor(createNginx(), (inquiry) => {
    seen.push(inquiry)
    return Promise.resolve(allowed())
  })
  const reply = await handler(request('https://gateway.example/check', fields))
  expect(reply).toMatchObject({ status: 204 })
  expect(seen[0]).toMatchObject({ method: 'GET', host: 'api.example', target: '/orders?x=1' })
  expect(seen[0]?.header('authorization')).toBe('Bearer t')
})

test('for Envoy the path is that of the request itself', async () => {
  const seen: string[] = []
  const handler = handlerFor(createEnvoyHttp({ pathPrefix: '/check' }), ({ target }) => {
    seen.push(target)
    return unavailable()
  })
  const url = 'https://api.example/check/orders?x=http://y/z'
  expect(await handler(request(url, { host: 'api.example' }, 'PUT'))).toMatchObject({ status: 503 })
  expect(seen).toEqual(['/orders?x=http://y/z'])
})

test.each(['https://api.example', 'https://api.example?/orders', 'https://api.example#/orders'])(
  'a URL without a path has none: %s',
  async (url) => {
    const handler = handlerFor(createEnvoyHttp(), () => allowed())
    expect(await handler(request(url, { host: 'api.example' }))).toMatchObject({ status: 400 })
  },
)

test('a question that is wrong, a check that fails and an answer that cannot be said are replies too', async () => {
  const dialect = createForwardAuth()
  const fail = (): never => {
    throw new Error('a mistake')
  }
  expect(await handlerFor(dialect, () => allowed())(request('https://a.example/'))).toMatchObject({
    status: 400,
    body: '{"error":"invalid_request"}',
  })
  const asked = request('https://a.example/', fields)
  expect(await handlerFor(dialect, fail)(asked)).toMatchObject({ status: 503 })
  const rejecting = handlerFor(dialect, () => Promise.reject(new Error('a mistake')))
  expect(await rejecting(asked)).toMatchObject({ status: 503 })
  const speechless = { ...dialect, write: once(fail, dialect.write) }
  expect(await handlerFor(speechless, () => allowed())(asked)).toMatchObject({ status: 503 })
})

test('who cannot be told to the upstream is refused, and the log hears the same', async () => {
  const { caller } = createCallers()
  const principal = await caller({ preferred_username: 'a\r\nX-Admin: 1' })
  const dialect = createOauth2Proxy()
  const handler = handlerFor(dialect, () => allowed({ principal }))
  expect(await handler(request('https://a.example/oauth2/auth', fields))).toMatchObject({
    status: 403,
  })
  expect(told(dialect, allowed({ principal })).answer).toMatchObject({
    outcome: 'refused',
    status: 403,
    code: 'claim_refused',
  })
})

/** The one function for the first call, the other for those after it. */
const once = <T extends unknown[], R>(first: () => R, then: (...given: T) => R) => {
  let isFirst = true
  return (...given: T): R => {
    const use = isFirst ? first : () => then(...given)
    isFirst = false
    return use()
  }
}
