import { createHash, generateKeyPairSync, randomUUID, X509Certificate } from 'node:crypto'
import {
  calculateJwkThumbprint,
  compactDecrypt,
  createRemoteJWKSet,
  decodeJwt,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from 'jose'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { createBrowser } from '../browser.ts'
import { createAuthorizationServer } from './create.ts'
import { listenOnLoopback } from './loopback.ts'

const encryption = generateKeyPairSync('rsa', { modulusLength: 2048 })
const server = await createAuthorizationServer({
  resources: {
    'https://api.test': { scopes: ['orders:read'] },
    'https://secret.test': {
      scopes: [],
      encryption: { alg: 'RSA-OAEP-256', enc: 'A256GCM', key: encryption.publicKey },
    },
  },
})
const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`))
const callback = 'http://127.0.0.1:9/callback'
const machine = { grant_types: ['client_credentials'], response_types: [] }

afterAll(() => server.close())

const signIn = async (parameters: Record<string, string>, browser = createBrowser()) => {
  const client_id = parameters['client_id'] ?? 'web'
  const all = { client_id, redirect_uri: callback, response_type: 'code', ...parameters }
  const { url } = await browser.open(`${server.issuer}/authorize?${new URLSearchParams(all)}`, {
    until: callback,
  })
  const code = new URL(url).searchParams.get('code') ?? url
  const grant = { grant_type: 'authorization_code', code, redirect_uri: callback }
  return (await server.requestToken(grant, client_id)).body
}

const certificate = `-----BEGIN CERTIFICATE-----
MIIBsTCCAVigAwIBAgIUcS/SK+Qyg3ooJhUfhGdEPi1fpycwCgYIKoZIzj0EAwIw
ITENMAsGA1UECgwEQWNtZTEQMA4GA1UEAwwHbWFjaGluZTAgFw0yNjExMjExMjQx
MDRaGA8yMTI2MTAyODEyNDEwNFowITENMAsGA1UECgwEQWNtZTEQMA4GA1UEAwwH
bWFjaGluZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNXgW/0nY2CKLGulbhag
gZYEa3EN6E0e1GmINXQwtNmwSj4VNxrDCkc5FDQe+SoU6dnCgJUHLUxKXe2sWsQb
ChejbDBqMB0GA1UdDgQWBBRTbqiq8L7ZRLMub58gitq/wSCWBzAfBgNVHSMEGDAW
gBRTbqiq8L7ZRLMub58gitq/wSCWBzAPBgNVHRMBAf8EBTADAQH/MBcGA1UdEQQQ
MA6CDG1hY2hpbmUudGVzdDAKBggqhkjOPQQDAgNHADBEAiBreLN+l2RxbOrVwTkX
eDTEEhxj1VBPcB8OvuJdSOTz+wIgLVS+p3P4lSFTX3BYzAKi2pPqpN5bBuDg8wFx
+QqZQgQ=
-----END CERTIFICATE-----`

describe('certificate-bound tokens', () => {
  const headers = { 'x-client-certificate': encodeURIComponent(certificate) }
  const thumbprint = createHash('sha256')
    .update(new X509Certificate(certificate).raw)
    .digest('base64url')

  test('are bound to the certificate that the proxy hands on', async () => {
    const bound = { tls_client_certificate_bound_access_tokens: true }
    server.addClient({ client_id: 'bound', client_secret: 's', ...machine, ...bound })
    const token = await server.issueToken({ client: 'bound', headers })
    expect(decodeJwt(token)['cnf']).toEqual({ 'x5t#S256': thumbprint })
    await expect(server.issueToken({ client: 'bound' })).rejects.toThrow('invalid_grant')
  })

  test.each([
    ['tls_client_auth_subject_dn', 'O=Acme,CN=machine', 'O=Acme,CN=other'],
    ['tls_client_auth_san_dns', 'machine.test', 'other.test'],
  ])('authenticate a client by its %s', async (property, right, wrong) => {
    const token_endpoint_auth_method = 'tls_client_auth'
    const client = { ...machine, token_endpoint_auth_method }
    server.addClient({ client_id: `${property}-right`, [property]: right, ...client })
    server.addClient({ client_id: `${property}-wrong`, [property]: wrong, ...client })
    const token = await server.issueToken({ client: `${property}-right`, headers })
    expect(decodeJwt(token)['client_id']).toBe(`${property}-right`)
    await expect(server.issueToken({ client: `${property}-wrong`, headers })).rejects.toThrow(
      'invalid_client',
    )
    await expect(server.issueToken({ client: `${property}-right` })).rejects.toThrow(
      'invalid_client',
    )
  })
})

describe('DPoP', () => {
  const prove = async (issuer: string, nonce?: string) => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(publicKey)
    const proof = {
      htm: 'POST',
      htu: `${issuer}/token`,
      jti: randomUUID(),
      ...(nonce && { nonce }),
    }
    const header = { alg: 'ES256', typ: 'dpop+jwt', jwk }
    const DPoP = await new SignJWT(proof).setIssuedAt().setProtectedHeader(header).sign(privateKey)
    return { headers: { DPoP }, jkt: await calculateJwkThumbprint(jwk) }
  }

  test('binds a token to the key of the proof', async () => {
    const { headers, jkt } = await prove(server.issuer)
    expect(decodeJwt(await server.issueToken({ headers }))['cnf']).toEqual({ jkt })
  })

  test('can ask for a nonce', async () => {
    const one = await createAuthorizationServer({ requireDpopNonce: true, algorithms: [] })
    const { headers } = await prove(one.issuer)
    await expect(one.issueToken({ headers })).rejects.toThrow('use_dpop_nonce')
    await one.close()
  })
})

test('an encrypted access token holds a signed one', async () => {
  const token = await server.issueToken({ resource: 'https://secret.test' })
  expect(token.split('.')).toHaveLength(5)
  const { plaintext } = await compactDecrypt(token, encryption.privateKey)
  const { payload } = await jwtVerify(new TextDecoder().decode(plaintext), keys)
  expect(payload.aud).toBe('https://secret.test')
})

test('private_key_jwt, and a signed request object (JAR)', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] }
  const signed = (claims: Record<string, unknown>) =>
    new SignJWT({ iss: 'signer', aud: server.issuer, jti: randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey)
  server.addClient({
    client_id: 'signer',
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['authorization_code', 'client_credentials'],
    jwks,
  })
  const asked = {
    client_id: 'signer',
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid',
  }
  const request = await signed({ ...asked, state: 'from the object' })
  const target = new URLSearchParams({ client_id: 'signer', request })
  const page = await createBrowser().open(`${server.issuer}/authorize?${target}`, {
    until: callback,
  })
  expect(new URL(page.url).searchParams.get('state')).toBe('from the object')
  const client_assertion = await signed({ sub: 'signer' })
  const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  const parameters = { client_assertion, client_assertion_type }
  const token = await server.issueToken({ client: 'signer', parameters })
  expect(decodeJwt(token)['client_id']).toBe('signer')
})

test('the claims parameter, and userinfo as a signed JWT', async () => {
  const userinfo_signed_response_alg = 'ES256'
  server.addClient({ client_id: 'jwt-userinfo', client_secret: 's', userinfo_signed_response_alg })
  const claims = JSON.stringify({ id_token: { email: null }, userinfo: { groups: null } })
  const body = await signIn({ client_id: 'jwt-userinfo', scope: 'openid', claims })
  expect(decodeJwt(String(body['id_token']))['email']).toBe('alice@mail.test')
  const response = await fetch(`${server.issuer}/userinfo`, {
    headers: { authorization: `Bearer ${String(body['access_token'])}` },
  })
  expect(response.headers.get('content-type')).toContain('application/jwt')
  const { payload } = await jwtVerify(await response.text(), keys, { audience: 'jwt-userinfo' })
  expect(payload).toMatchObject({ sub: 'alice', groups: ['staff'] })
})

test('introspection as a JWT (RFC 9701)', async () => {
  server.addClient({
    client_id: 'introspector',
    client_secret: 's',
    grant_types: [],
    response_types: [],
    introspection_signed_response_alg: 'RS256',
  })
  const token = String((await signIn({ scope: 'openid' }))['access_token'])
  const response = await fetch(`${server.issuer}/introspect`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa('introspector:s')}`,
      accept: 'application/token-introspection+jwt',
    },
    body: new URLSearchParams({ token }),
  })
  const { payload } = await jwtVerify(await response.text(), keys, { audience: 'introspector' })
  expect(payload['token_introspection']).toMatchObject({ active: true, sub: 'alice' })
})

test('dynamic registration', async () => {
  const response = await fetch(`${server.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://app.test/cb'], client_name: 'New' }),
  })
  expect([response.status, await response.json()]).toMatchObject([
    201,
    { client_id: expect.any(String), client_secret: expect.any(String), client_name: 'New' },
  ])
})

test('back-channel logout reaches a client on the loopback interface', async () => {
  const received: string[] = []
  const client = await listenOnLoopback((request, response) => {
    request.setEncoding('utf8').on('data', (text) => received.push(String(text)))
    request.once('end', () => response.end())
  })
  const backchannel_logout_uri = `${client.url}/logout`
  server.addClient({
    client_id: 'listener',
    client_secret: 's',
    backchannel_logout_uri,
    backchannel_logout_session_required: true,
  })
  const browser = createBrowser()
  const body = await signIn({ client_id: 'listener', scope: 'openid' }, browser)
  const hint = new URLSearchParams({ id_token_hint: String(body['id_token']) })
  const { html } = await browser.open(`${server.issuer}/logout?${hint}`)
  expect(html).toContain('You are signed out')
  await vi.waitFor(() => expect(received).toHaveLength(1), 5000)
  const token = new URLSearchParams(received[0]).get('logout_token') ?? ''
  const { payload } = await jwtVerify(token, keys, { issuer: server.issuer, audience: 'listener' })
  expect(payload['events']).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} })
  expect(payload['sid']).toEqual(expect.any(String))
  await client.close()
})

test('nothing failed inside', () => {
  expect(server.errors).toEqual([])
})
