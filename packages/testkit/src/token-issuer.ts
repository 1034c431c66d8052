import { randomUUID } from 'node:crypto'
import { SignJWT, type JSONWebKeySet } from 'jose'
import { signRaw } from './raw-token.ts'
import { createSigningKey, type SigningAlgorithm, type SigningKey } from './signing-key.ts'

/** How a token issuer signs, and whom it issues for. */
export interface TokenIssuerOptions {
  /** The `iss` of every token. Default `https://issuer.test`; nothing is ever fetched from it. */
  readonly issuer?: string
  /** The `aud` of every token. Default `https://api.test`. */
  readonly audience?: string
  /** Default RS256. */
  readonly algorithm?: SigningAlgorithm
  /** Seconds until a token expires. Default 300. */
  readonly lifetime?: number
  /** Epoch milliseconds. Default `Date.now`, called late, so that fake timers are seen. */
  readonly now?: () => number
}

/** Claims or header members to add; `undefined` takes a default away. */
export type Overrides = Readonly<Record<string, unknown>>

/** What `createGuard` needs in order to trust a token issuer. */
export interface TokenIssuerGuardOptions {
  readonly issuer: string
  readonly audience: string
  readonly jwks: JSONWebKeySet
  readonly now: () => number
}

/** Issues access tokens for tests, without any socket. */
export interface TokenIssuer {
  readonly issuer: string
  readonly audience: string
  /** The keys as they are published now. */
  readonly jwks: JSONWebKeySet
  /** The name of the key that signs now. */
  readonly kid: string
  /** To be spread into the options of `createGuard`: trusts the keys of this moment, fetches nothing. */
  readonly guardOptions: TokenIssuerGuardOptions
  /** A good access token (RFC 9068) with the given claims and header members on top. */
  readonly issueToken: (claims?: Overrides, header?: Overrides) => Promise<string>
  /** A token of exactly these parts, however odd, with a genuine signature over them. */
  readonly sign: (header: Overrides | string, payload: Overrides | string) => string
  /** Signs with a new key from now on; the old ones stay published. */
  readonly rotate: () => void
}

/** Makes an issuer with keys of its own, for tests of guarded routes. */
export function createTokenIssuer(options: TokenIssuerOptions = {}): TokenIssuer {
  const { issuer = 'https://issuer.test', audience = 'https://api.test' } = options
  const { algorithm = 'RS256', lifetime = 300, now = () => Date.now() } = options
  let signing = createSigningKey(algorithm)
  let jwks: JSONWebKeySet = { keys: [signing.jwk] }

  const defaults = () => {
    const iat = Math.floor(now() / 1000)
    const jti = randomUUID()
    const who = { sub: 'user-1', client_id: 'client-1' }
    return { iss: issuer, aud: audience, ...who, iat, exp: iat + lifetime, jti }
  }
  return {
    issuer,
    audience,
    get jwks() {
      return jwks
    },
    get kid() {
      return signing.kid
    },
    get guardOptions() {
      return { issuer, audience, jwks, now }
    },
    issueToken: (claims = {}, header = {}) =>
      signToken({ ...defaults(), ...claims }, header, signing),
    sign: (header, payload) => signRaw(header, payload, signing),
    rotate: () => {
      signing = createSigningKey(algorithm)
      jwks = { keys: [signing.jwk, ...jwks.keys] }
    },
  }
}

async function signToken(claims: Overrides, header: Overrides, key: SigningKey): Promise<string> {
  const protectedHeader = { typ: 'at+jwt', kid: key.kid, ...header, alg: key.alg }
  if ('alg' in header && header['alg'] !== key.alg) {
    throw new TypeError(`this issuer signs with ${key.alg}: use sign() for a header that lies`)
  }
  return new SignJWT({ ...claims }).setProtectedHeader(protectedHeader).sign(key.privateKey)
}
