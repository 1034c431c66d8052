import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, decodeJwt, SignJWT } from 'jose'
import { afterAll, expect, test } from 'vitest'
import { createClock } from '../clock.ts'
import { generateSigningKey } from '../signing-key.ts'
import { createOkta } from './create.ts'

const clock = createClock()
const okta = await createOkta({
  clock,
  apps: { bound: { applicationType: 'native', dpop: true } },
})
afterAll(() => okta.close())

const mine = await generateSigningKey('ES256')
const another = await generateSigningKey('ES256')
const url = `${okta.servers.default.base}/v1/token`
let count = 0

const proof = (claims: object = {}, header: object = {}, key = mine) => {
  const { kty, crv, x, y } = key.jwk
  const jwk = { kty: kty ?? '', crv: crv ?? '', x: x ?? '', y: y ?? '' }
  const iat = Math.floor(clock.now() / 1000)
  return new SignJWT({ htm: 'POST', htu: url, iat, jti: `proof-${count++}`, ...claims })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk, ...header })
    .sign(key.privateKey)
}
const form = {
  grant_type: 'password',
  username: 'alice',
  password: 'password',
  scope: 'openid offline_access',
}
const send = (DPoP: string | undefined, more: Record<string, string> = {}) =>
  okta.request('token', { ...form, ...more }, { app: 'bound', headers: { ...(DPoP && { DPoP }) } })
const nonce = async () => (await send(await proof())).headers.get('dpop-nonce') ?? ''

test('the first proof is asked for a nonce, the second one binds the token', async () => {
  const first = await send(await proof())
  expect([first.status, first.body]).toEqual([
    400,
    {
      error: 'use_dpop_nonce',
      error_description: 'Authorization server requires nonce in DPoP proof.',
    },
  ])
  const given = first.headers.get('dpop-nonce')
  const second = await send(await proof({ nonce: given }))
  expect([second.status, second.body['token_type']]).toEqual([200, 'DPoP'])
  const { cnf } = decodeJwt(String(second.body['access_token']))
  expect(cnf).toEqual({ jkt: await calculateJwkThumbprint(mine.jwk) })
})

test('a nonce is good for three more days, and a new one is given each day', async () => {
  const given = await nonce()
  clock.advance(86_400)
  expect(await nonce()).not.toBe(given)
  clock.advance(2 * 86_400)
  expect((await send(await proof({ nonce: given }))).status).toBe(200)
  clock.advance(86_400)
  expect((await send(await proof({ nonce: given }))).body['error']).toBe('use_dpop_nonce')
})

test('each fault of a proof has its text', async () => {
  const given = await nonce()
  const now = Math.floor(clock.now() / 1000)
  const texts = async (dpop: string | undefined) =>
    `${String((await send(dpop)).body['error'])}: ${String((await send(dpop)).body['error_description'])}`
  const invalid = 'invalid_dpop_proof: '
  expect(await texts(undefined)).toBe(`${invalid}The DPoP proof JWT header is missing.`)
  expect(await texts('nonsense')).toBe(`${invalid}The DPoP proof JWT cannot be parsed.`)
  expect(await texts(await proof({}, { typ: 'JWT' }))).toMatch(/'typ' must be 'dpop\+jwt'/)
  expect(await texts(await proof({}, { jwk: another.jwk }))).toMatch(/signature is invalid/)
  expect(await texts(await proof({ htm: 'GET' }))).toMatch(/'htm' claim/)
  expect(await texts(await proof({ htu: okta.url }))).toMatch(/'htu' claim/)
  expect(await texts(await proof({ iat: now - 301 }))).toMatch(/more than five minutes in the past/)
  expect(await texts(await proof({ iat: now + 60 }))).toMatch(/issued in the future/)
  expect(await texts(await proof({ nonce: given, jti: undefined }))).toMatch(/'jti' claim/)
})

test('a proof is good once', async () => {
  const used = await proof({ nonce: await nonce() })
  expect((await send(used)).status).toBe(200)
  expect((await send(used)).body['error_description']).toBe(
    'The DPoP proof JWT has already been used.',
  )
})

test('a refresh needs the same key', async () => {
  const given = await nonce()
  const { body } = await send(await proof({ nonce: given }))
  const refresh = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) }
  const wrong = await send(await proof({ nonce: given }, {}, another), refresh)
  expect(wrong.body).toEqual({
    error: 'invalid_dpop_proof',
    error_description: 'Invalid DPoP Public Key binding in refresh token',
  })
  expect((await send(await proof({ nonce: given }), refresh)).body['token_type']).toBe('DPoP')
})

test('userinfo wants the scheme, a proof, and the hash of the token in it', async () => {
  const { body } = await send(await proof({ nonce: await nonce() }))
  const token = String(body['access_token'])
  const htu = `${okta.servers.default.base}/v1/userinfo`
  const ath = createHash('sha256').update(token).digest('base64url')
  const ask = async (scheme: string, claims: object) => {
    const headers = { Authorization: `${scheme} ${token}`, DPoP: await proof(claims) }
    return fetch(htu, { headers })
  }
  const asBearer = await ask('Bearer', { htm: 'GET', htu, ath })
  expect(asBearer.status).toBe(401)
  expect(asBearer.headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_token"/)
  expect((await ask('DPoP', { htm: 'GET', htu })).status).toBe(400)
  expect((await ask('DPoP', { htm: 'GET', htu, ath })).status).toBe(200)
})
