import { expect, test } from 'vitest'
import { request } from '../../../../test/support/gateway-caller.ts'
import { publishing } from './published.ts'
import { createSigningKeys } from './signing-keys.ts'

const keys = createSigningKeys()
const get = async (issuer: string, url: string, method?: string) => {
  const reply = await publishing({ issuer }, keys)(request(url, {}, method))
  return reply && { ...reply, headers: Object.fromEntries(reply.headers) }
}

test.each([
  ['https://gw.test', '/.well-known/openid-configuration'],
  ['https://gw.test/', '/.well-known/oauth-authorization-server'],
  ['https://gw.test/a', '/a/.well-known/openid-configuration'],
  ['https://gw.test/a', '/.well-known/openid-configuration/a'],
  ['https://gw.test/a', '/.well-known/oauth-authorization-server/a'],
  ['https://gw.test/a', '/a/.well-known/oauth-authorization-server'],
  // A proxy took the path away.
  ['https://gw.test/a', '/.well-known/openid-configuration'],
])('%s has its metadata at %s', async (issuer, path) => {
  const reply = await get(issuer, `http://10.0.0.1:9100${path}`)
  expect(reply).toMatchObject({ status: 200, headers: { 'Content-Type': 'application/json' } })
  expect(JSON.parse(reply?.body ?? '')).toMatchObject({
    issuer,
    jwks_uri: `${issuer.replace(/\/$/, '')}/jwks`,
    id_token_signing_alg_values_supported: ['ES256'],
  })
})

test.each([
  ['https://gw.test', '/jwks'],
  ['https://gw.test/a', '/a/jwks'],
  ['https://gw.test/a', '/jwks'],
])('%s has its keys at %s, to be remembered for a while', async (issuer, path) => {
  const reply = await get(issuer, `http://10.0.0.1:9100${path}?a=b`)
  expect(reply?.headers['Cache-Control']).toBe('public, max-age=300')
  expect(JSON.parse(reply?.body ?? '')).toEqual(keys.published())
  expect(reply?.body).not.toContain('"d"')
})

test('HEAD is answered without a body, and other methods not at all', async () => {
  expect(await get('https://gw.test', 'http://h/jwks', 'HEAD')).not.toHaveProperty('body')
  expect(await get('https://gw.test', 'http://h/jwks', 'POST')).toMatchObject({
    status: 405,
    headers: { Allow: 'GET, HEAD' },
  })
})

test.each(['/', '/metrics', '/jwks/', '/JWKS', '/a/jwks'])('%s is not ours', async (path) => {
  expect(await get('https://gw.test', `http://h${path}`)).toBeUndefined()
})
