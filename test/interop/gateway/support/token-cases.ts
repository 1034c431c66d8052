import { createHmac, createPublicKey } from 'node:crypto'
import { createTokenIssuer, type TokenIssuer } from '@portcullis/testkit'
import { presented } from './presented-cases.ts'
import { bearer, refusedToken, type TokenCase } from './token-case.ts'
import type { WireRequest } from './wire.ts'

type Parts = Readonly<Record<string, unknown>>

/** Credentials good and bad, for the route that wants the scope `orders:read`. */
export async function tokenCases(issuer: TokenIssuer): Promise<readonly TokenCase[]> {
  const now = Math.floor(Date.now() / 1000)
  const header = { alg: 'RS256', typ: 'at+jwt', kid: issuer.kid }
  const payload = {
    iss: issuer.issuer,
    aud: issuer.audience,
    sub: 'user-1',
    client_id: 'client-1',
    scope: 'orders:read',
    iat: now,
    exp: now + 300,
    jti: 'case',
  }
  const made = (claims: Parts = {}, members: Parts = {}): string =>
    issuer.sign({ ...header, ...members }, { ...payload, ...claims })
  const rawPayload = (members: string): string =>
    issuer.sign(header, `{${JSON.stringify(payload).slice(1, -1)}${members}}`)
  const good = made()
  const [head = '', body = '', signature = ''] = good.split('.')
  const foreign = createTokenIssuer({ issuer: issuer.issuer, audience: issuer.audience })
  const stranger = createTokenIssuer({ issuer: 'https://stranger.test' })
  const es = createTokenIssuer({ algorithm: 'ES256' })

  return [
    ...passing(made, good),
    ...badTimes(made, rawPayload, now),
    ...badNames(made, issuer),
    refusedToken('another issuer', await stranger.issueToken({ scope: 'orders:read' })),
    refusedToken('key of another', foreign.sign(header, payload)),
    refusedToken('key of another type', es.sign({ ...header, alg: 'ES256' }, payload)),
    ...badHeaders(made, { header, payload, issuer, foreign }),
    refusedToken('signature of zeros', `${head}.${body}.${'A'.repeat(signature.length)}`),
    refusedToken('signature cut', `${head}.${body}.${signature.slice(0, -4)}`),
    refusedToken('signature empty', `${head}.${body}.`),
    refusedToken('payload changed', `${head}.${changed(body)}.${signature}`),
    refusedToken('two parts', `${head}.${body}`),
    refusedToken('four parts', `${good}.${signature}`),
    refusedToken('five parts, as if encrypted', `${head}.AAAA.${body}.AAAA.${signature}`),
    refusedToken('payload an array', issuer.sign(header, '[]')),
    refusedToken('payload no JSON', issuer.sign(header, 'orders')),
    refusedToken('payload empty', issuer.sign(header, '')),
    refusedToken('opaque', 'c29tZS1vcGFxdWUtdG9rZW4'),
    ...presented(good, head, body, signature),
    forbidden('scope missing', made({ scope: undefined }), 'insufficient_scope'),
    forbidden('another scope', made({ scope: 'orders:write' }), 'insufficient_scope'),
    forbidden('scope as a prefix', made({ scope: 'orders:read2' }), 'insufficient_scope'),
    forbidden('scope in another case', made({ scope: 'Orders:Read' }), 'insufficient_scope'),
    forbidden('line break in the subject', made({ sub: 'a\r\nX-Admin: 1' })),
    forbidden('no ASCII in the subject', made({ sub: 'ünal' })),
    forbidden('NUL in the subject', made({ sub: 'a\0b' })),
  ]
}

const passes = (name: string, token: string, subject = 'user-1'): TokenCase => ({
  name,
  request: bearer(token),
  status: 200,
  subject,
})

const forbidden = (name: string, token: string, error?: 'insufficient_scope'): TokenCase => ({
  name,
  request: bearer(token),
  status: 403,
  ...(error && { error }),
})

type Make = (claims?: Parts, members?: Parts) => string

const passing = (made: Make, good: string): readonly TokenCase[] => [
  passes('good', good),
  passes('type JWT', made({}, { typ: 'JWT' })),
  passes('type application/at+jwt', made({}, { typ: 'application/at+jwt' })),
  passes('no type', made({}, { typ: undefined })),
  passes('no kid, one key', made({}, { kid: undefined })),
  passes('audience in a list', made({ aud: ['https://other.test', 'https://api.test'] })),
  passes('scopes in scp', made({ scope: undefined, scp: ['orders:read', 'openid'] })),
  passes('several scopes', made({ scope: 'openid orders:read email' })),
  passes('expiry with a fraction', made({ exp: Date.now() / 1000 + 300 })),
  passes('issued two seconds from now', made({ iat: Math.floor(Date.now() / 1000) + 2 })),
  passes('claims nobody knows', made({ deep: { er: [1, { x: null }] }, constructor: 'c' })),
  { ...passes('scheme in lower case', good), request: withScheme('bearer', good) },
  { ...passes('scheme in upper case', good), request: withScheme('BEARER', good) },
]

const withScheme = (scheme: string, token: string): Omit<WireRequest, 'port'> => ({
  fields: [['Authorization', `${scheme} ${token}`]],
})

const badTimes = (
  made: Make,
  raw: (members: string) => string,
  now: number,
): readonly TokenCase[] => [
  refusedToken('expired', made({ exp: now - 60 })),
  refusedToken('expired long ago', made({ iat: 1, exp: 2 })),
  refusedToken('no expiry', made({ exp: undefined })),
  refusedToken('expiry -5', made({ exp: -5 })),
  refusedToken('expiry 0', made({ exp: 0 })),
  refusedToken('expiry null', made({ exp: null })),
  refusedToken('expiry a text', made({ exp: String(now + 300) })),
  refusedToken('expiry true', made({ exp: true })),
  refusedToken('expiry a list', made({ exp: [now + 300] })),
  refusedToken('expiry without end', raw(',"exp":1e400')),
  refusedToken('not before 2286', made({ nbf: 9_999_999_999 })),
  refusedToken('not before a text', made({ nbf: String(now) })),
  refusedToken('issued in the future', made({ iat: now + 3600 })),
  refusedToken('issued at a text', made({ iat: String(now) })),
]

const badNames = (made: Make, { issuer, audience }: TokenIssuer): readonly TokenCase[] => [
  refusedToken('issuer with a slash', made({ iss: `${issuer}/` })),
  refusedToken('issuer in upper case', made({ iss: issuer.toUpperCase() })),
  refusedToken('no issuer', made({ iss: undefined })),
  refusedToken('issuer a list', made({ iss: [issuer] })),
  refusedToken('another audience', made({ aud: 'https://other.test' })),
  refusedToken('audience as a prefix', made({ aud: `${audience}/admin` })),
  refusedToken('no audience', made({ aud: undefined })),
  refusedToken('audience empty', made({ aud: [] })),
  refusedToken('audience a number', made({ aud: 7 })),
  refusedToken('subject a number', made({ sub: 7 })),
  refusedToken('subject a list', made({ sub: ['user-1'] })),
  refusedToken('bound to a key (jkt)', made({ cnf: { jkt: 'A'.repeat(43) } })),
  refusedToken('bound to a certificate', made({ cnf: { 'x5t#S256': 'A'.repeat(43) } })),
]

interface Known {
  readonly header: Parts
  readonly payload: Parts
  readonly issuer: TokenIssuer
  /** Signs with keys of its own. */
  readonly foreign: TokenIssuer
}

const badHeaders = (made: Make, known: Known): readonly TokenCase[] => {
  const { header, payload, issuer, foreign } = known
  const forged = (members: Parts): string => foreign.sign({ ...header, ...members }, payload)
  return [
    refusedToken('algorithm none', unsigned({ alg: 'none' }, payload)),
    refusedToken('algorithm nOnE', unsigned({ alg: 'nOnE', kid: issuer.kid }, payload)),
    refusedToken('HS256 with the public key', confused(issuer, payload)),
    refusedToken('algorithm of another key type', made({}, { alg: 'ES256' })),
    refusedToken('algorithm of another digest', made({}, { alg: 'RS512' })),
    refusedToken('no algorithm', made({}, { alg: undefined })),
    refusedToken('unknown kid', made({}, { kid: 'nobody' })),
    refusedToken('kid a path', made({}, { kid: '../../etc/passwd' })),
    refusedToken('kid a number', made({}, { kid: 1 })),
    refusedToken('brings its own key', forged({ jwk: foreign.jwks.keys[0] })),
    refusedToken(
      'names its own key set',
      forged({ jku: `${issuer.issuer}/jwks`, kid: foreign.kid }),
    ),
    refusedToken('names its own certificate', forged({ x5u: issuer.issuer })),
    refusedToken('brings its own certificate', forged({ x5c: ['AAAA'] })),
    refusedToken('critical extension', made({}, { crit: ['exp'] })),
    refusedToken('payload not encoded (b64)', made({}, { b64: false, crit: ['b64'] })),
    refusedToken('type of a logout token', made({}, { typ: 'logout+jwt' })),
    refusedToken('type of a security event', made({}, { typ: 'secevent+jwt' })),
    refusedToken('type of a proof', made({}, { typ: 'dpop+jwt' })),
    refusedToken('ID token', made({ nonce: 'n', at_hash: 'AAAA' }, { typ: 'JWT' })),
    refusedToken(
      'header member twice',
      issuer.sign(`{"alg":"none",${JSON.stringify(header).slice(1)}`, payload),
    ),
  ]
}

const part = (value: Parts): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const unsigned = (header: Parts, payload: Parts): string => `${part(header)}.${part(payload)}.`

function confused({ jwks, kid }: TokenIssuer, payload: Parts): string {
  const input = `${part({ alg: 'HS256', kid, typ: 'at+jwt' })}.${part(payload)}`
  const [key = {}] = jwks.keys
  const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
}

const changed = (body: string): string =>
  Buffer.from(Buffer.from(body, 'base64url').toString().replace('"user-1"', '"admin1"')).toString(
    'base64url',
  )
