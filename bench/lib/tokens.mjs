import { generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'

export const issuer = 'https://id.example.com/oauth2/default'
export const audience = 'api://default'

/** How each algorithm is asked of node:crypto, for signing and for the bare verification. */
export const algorithms = {
  RS256: { digest: 'sha256', make: rsa, options: {} },
  PS256: { digest: 'sha256', make: rsa, options: { padding: 6, saltLength: 32 } },
  ES256: { digest: 'sha256', make: p256, options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { digest: undefined, make: () => generateKeyPairSync('ed25519'), options: {} },
}

function rsa() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

function p256() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

/** An issuer with two keys, of which the first signs: what a verifier meets in practice. */
export function createSigner(algorithm, { kid = 'current', iss = issuer } = {}) {
  const { digest, make, options } = algorithms[algorithm]
  const pair = make()
  const jwk = (key, name) => ({
    ...key.export({ format: 'jwk' }),
    kid: name,
    use: 'sig',
    alg: algorithm,
  })
  const signBytes = (bytes) => sign(digest, bytes, { key: pair.privateKey, ...options })
  return {
    algorithm,
    publicKey: pair.publicKey,
    pem: pair.publicKey.export({ type: 'spki', format: 'pem' }),
    jwks: { keys: [jwk(make().publicKey, 'retired'), jwk(pair.publicKey, kid)] },
    jwk: jwk(pair.publicKey, kid),
    sign: signBytes,
    token: (claims, header) =>
      compact(
        { alg: algorithm, typ: 'at+jwt', kid, ...header },
        { ...claimsOf(iss), ...claims },
        signBytes,
      ),
  }
}

/** About 400 bytes of claims: those of RFC 9068, and what an application adds. */
function claimsOf(iss) {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss,
    sub: '00u1a2b3c4d5e6f7g8h9',
    aud: audience,
    client_id: '0oa9z8y7x6w5v4u3t2s1',
    iat: now - 10,
    exp: now + 6 * 3600,
    jti: randomUUID(),
    scope: 'openid profile email orders:read orders:write',
    auth_time: now - 600,
    name: 'Alice Example',
    email: 'alice@example.com',
    groups: ['staff', 'orders', 'billing'],
    tenant: 'acme',
  }
}

function compact(header, claims, signBytes) {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${signBytes(Buffer.from(input)).toString('base64url')}`
}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Distinct valid tokens, as bytes: a socket gives bytes, and `fresh` makes the strings from them. */
export const mint = (signer, count) =>
  Array.from({ length: count }, () => Buffer.from(signer.token(), 'latin1'))

/** New string objects, as an HTTP parser makes them: V8 has not hashed or flattened any of them before. */
export const fresh = (buffers) => buffers.map((bytes) => bytes.latin1Slice())

/** What a bare `crypto.verify` needs of a token, taken apart beforehand. */
export function dissect(buffers) {
  return buffers.map((bytes) => {
    const dot = bytes.lastIndexOf(0x2e)
    return {
      input: Buffer.from(bytes.subarray(0, dot)),
      signature: Buffer.from(bytes.latin1Slice(dot + 1), 'base64url'),
    }
  })
}

/** Bad tokens of one kind each, distinct, for the refusals and for the gate. */
export const bad = {
  expired: (signer) => signer.token({ exp: Math.floor(Date.now() / 1000) - 3600 }),
  'bad signature': (signer) => spoil(signer.token()),
  'bad signature, header never seen': (signer) =>
    spoil(signer.token({}, { x: randomBytes(6).toString('base64url') })),
  'not a token': () => randomBytes(680).toString('base64url'),
  'wrong audience': (signer) => signer.token({ aud: 'api://other' }),
  'wrong issuer': (signer) => signer.token({ iss: 'https://evil.example.com' }),
  'unknown kid': (signer) => signer.token({}, { kid: 'nobody' }),
  'not yet valid': (signer) => signer.token({ nbf: Math.floor(Date.now() / 1000) + 3600 }),
  'without expiry': (signer) => signer.token({ exp: undefined }),
  'a logout token by typ': (signer) => signer.token({}, { typ: 'logout+jwt' }),
}

/** The same tokens as values of an Authorization field. */
export const bearer = (buffers) =>
  buffers.map((bytes) => Buffer.concat([Buffer.from('Bearer '), bytes]))

function spoil(token) {
  const dot = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(dot + 1), 'base64url')
  signature[20] ^= 1
  return `${token.slice(0, dot)}.${signature.toString('base64url')}`
}
