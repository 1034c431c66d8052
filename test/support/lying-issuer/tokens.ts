import { createHash, createHmac, createPublicKey, randomUUID } from 'node:crypto'
import { signRaw } from '../../../packages/testkit/src/raw-token.ts'
import type { Granted } from './grants.ts'
import type { Lies, SignatureLie } from './lies.ts'
import { defined, type Scene } from './scene.ts'

type Members = Readonly<Record<string, unknown>>

/** What an ID token comes along with. */
export interface Companions {
  readonly where: 'front' | 'token'
  readonly accessToken?: string
  readonly code?: string
  /** Claims on top, before those of the lies. */
  readonly more?: Members
}

/** An ID token, with the lies that are told at this place. */
export function issueIdToken(granted: Granted, scene: Scene, along: Companions): string {
  const told = scene.lies()
  const lies = told.where === undefined || told.where === along.where ? told : {}
  const claims = {
    ...whose(scene, granted, lies),
    ...times(scene, granted, lies),
    nonce: lies.nonce === 'wrong' ? 'another-nonce' : lies.nonce ? undefined : granted.nonce,
    acr: lies.acr === 'wrong' ? 'urn:weak' : lies.acr ? undefined : granted.acr,
    at_hash: hashed(along.accessToken, lies.atHash, scene),
    c_hash: hashed(along.code, lies.cHash, scene),
    sid: granted.sid,
    ...along.more,
    ...lies.claims,
  }
  return signed(claims, { typ: 'JWT' }, scene, lies.signature)
}

function whose(scene: Scene, granted: Granted, lies: Lies): Members {
  const { id } = scene.client
  const several = lies.audience === 'several' || lies.audience === 'several-with-azp'
  const audiences = { other: 'other-client', missing: undefined }
  const azp = lies.azp === 'other' ? 'other-client' : undefined
  return {
    iss: lies.issuer === 'other' ? 'https://evil.test' : lies.issuer ? undefined : scene.url(),
    ...scene.user,
    ...(lies.sub && { sub: lies.sub === 'other' ? 'somebody-else' : undefined }),
    aud: several ? [id, 'other-client'] : lies.audience ? audiences[lies.audience as 'other'] : id,
    azp: azp ?? (lies.audience === 'several-with-azp' ? id : undefined),
    scope: undefined,
    client: undefined,
    sid: granted.sid,
  }
}

function times({ now, lifetime }: Scene, granted: Granted, { time, authTime }: Lies): Members {
  const at = Math.floor(now() / 1000)
  const iat = { expired: at - 7200, future: at + 3600, 'no-iat': undefined, 'no-exp': at }
  const exp = {
    expired: at - 3600,
    future: at + 7200,
    'no-exp': undefined,
    'no-iat': at + lifetime,
  }
  const authenticated = { old: at - 1_000_000, missing: undefined, text: String(at) }
  return {
    iat: time === undefined ? at : iat[time],
    exp: time === undefined ? at + lifetime : exp[time],
    auth_time: authTime === undefined ? granted.authTime : authenticated[authTime],
  }
}

// OpenID Connect Core §3.3.2.11: the left half of the digest of the algorithm.
function hashed(
  value: string | undefined,
  lie: 'wrong' | 'missing' | undefined,
  { key }: Scene,
): string | undefined {
  if (value === undefined || lie === 'missing') return undefined
  const digest = createHash(key.alg === 'EdDSA' ? 'sha512' : `sha${key.alg.slice(2)}`)
    .update(lie === 'wrong' ? `${value}x` : value)
    .digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

/** An access token of the kind that the issuer issues. */
export function issueAccessToken(granted: Granted, scene: Scene): string {
  if (scene.accessTokens === 'opaque') return noted(scene.grants.issueAccess(granted), scene)
  const iat = Math.floor(scene.now() / 1000)
  const claims = {
    iss: scene.url(),
    aud: granted.audience ?? `${scene.url()}/userinfo`,
    sub: scene.user['sub'],
    client_id: scene.client.id,
    scope: granted.scope,
    iat,
    exp: iat + scene.lifetime,
    jti: randomUUID(),
  }
  const token = signed(claims, { typ: 'at+jwt' }, scene)
  scene.grants.noteAccess(token, granted)
  return token
}

/** A JWT of the issuer, or one whose signature does not count. */
export function signed(claims: Members, header: Members, scene: Scene, lie?: SignatureLie): string {
  const token = signAs(claims, header, scene, lie)
  scene.issued.push(token)
  return token
}

function signAs(
  claims: Members,
  header: Members,
  scene: Scene,
  lie: SignatureLie | undefined,
): string {
  const { key, strangeKey, client } = scene
  const full = { ...header, alg: key.alg, kid: key.kid }
  const payload = defined(claims)
  if (lie === undefined) return signRaw(full, payload, key)
  if (lie === 'unknown-key') return signRaw({ ...full, kid: strangeKey.kid }, payload, strangeKey)
  if (lie === 'unknown-key-known-kid') return signRaw(full, payload, strangeKey)
  if (lie === 'tampered') return tampered(signRaw(full, payload, key))
  if (lie === 'none') return `${encode({ ...header, alg: 'none' })}.${encode(payload)}.`
  const pem = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' })
  return mac({ ...header, alg: 'HS256' }, payload, lie === 'hs256-secret' ? client.secret : pem)
}

function mac(header: Members, payload: Members, secret: string | Buffer | undefined): string {
  if (secret === undefined) throw new Error('this lie needs a client with a secret')
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

// Another user in the payload, under the signature of the first.
function tampered(token: string): string {
  const [header, payload = '', signature] = token.split('.')
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const other = { ...(claims as Members), sub: 'somebody-else' } // An object: `signed` has made it.
  return `${header}.${encode(other)}.${signature}`
}

const encode = (part: Members): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/** Notes a secret that was issued. */
export function noted(secret: string, scene: Scene): string {
  scene.issued.push(secret)
  return secret
}
