import { createHash } from 'node:crypto'
import {
  calculateJwkThumbprint,
  compactVerify,
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JWTPayload,
  type ProtectedHeaderParameters,
} from 'jose'
import type { Org } from './org.ts'
import { randomText, oauthError, type Call, type Refusal } from './wire.ts'
import type { Vault } from './vault.ts'

export type JtiVault = Vault<true>

/** The server's nonces: a new one each day, good for three more. */
export interface NonceClock {
  readonly current: () => string
  readonly isGood: (nonce: string) => boolean
}

const day = 24 * 60 * 60_000

export function createNonceClock(now: () => number): NonceClock {
  const salt = randomText(20)
  const nonceOf = (age: number) => {
    const text = `${salt}.${Math.floor(now() / day) - age}`
    return createHash('sha256').update(text).digest('base64url').slice(0, 22)
  }
  return {
    current: () => nonceOf(0),
    isGood: (nonce) => [0, 1, 2, 3].some((age) => nonceOf(age) === nonce),
  }
}

/** Checks the proof of a token request; the thumbprint of its key. */
export async function checkProof(org: Org, call: Call): Promise<string> {
  const proof = onlyProof(call)
  const { header, claims } = parse(proof)
  checkHeader(header)
  await checkSignature(proof, header)
  checkPlace(call, claims)
  checkTime(claims, org.now() / 1000)
  checkNonce(org, claims)
  checkReplay(org, claims)
  return calculateJwkThumbprint(header.jwk ?? {})
}

function onlyProof({ headers, rawHeaders }: Call): string {
  const names = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'dpop')
  if (names.length > 1) throw invalid('Multiple DPoP proof JWT headers are not allowed.')
  const { dpop } = headers
  if (typeof dpop !== 'string') throw invalid('The DPoP proof JWT header is missing.')
  return dpop
}

function parse(proof: string): { header: ProtectedHeaderParameters; claims: JWTPayload } {
  try {
    return { header: decodeProtectedHeader(proof), claims: decodeJwt(proof) }
  } catch {
    throw invalid('The DPoP proof JWT cannot be parsed.')
  }
}

function checkHeader({ typ, alg = '' }: ProtectedHeaderParameters): void {
  if (typ !== 'dpop+jwt') throw invalid("'typ' must be 'dpop+jwt' in the DPoP proof JWT.")
  if (!/^(RS|ES)(256|384|512)$/.test(alg)) {
    throw invalid('The DPoP proof JWT signature algorithm is invalid.')
  }
}

async function checkSignature(proof: string, header: ProtectedHeaderParameters): Promise<void> {
  try {
    if (header.jwk === undefined || 'd' in header.jwk) throw new Error('no public key')
    await compactVerify(proof, await importJWK(header.jwk, header.alg ?? ''))
  } catch {
    throw invalid('The DPoP proof JWT signature is invalid.')
  }
}

function checkPlace({ method, url }: Call, claims: JWTPayload): void {
  if (claims['htm'] !== method) throw invalid("'htm' claim in the DPoP proof JWT is invalid.")
  if (claims['htu'] !== `${url.origin}${url.pathname}`) {
    throw invalid("'htu' claim in the DPoP proof JWT is invalid.")
  }
}

function checkTime({ iat, exp }: JWTPayload, now: number): void {
  if (iat === undefined) throw invalid("'iat' claim in the DPoP proof JWT is invalid.")
  if (iat > now + 1) throw invalid('The DPoP proof JWT is issued in the future.')
  if (iat < now - 300) {
    throw invalid('The DPoP proof JWT is issued more than five minutes in the past.')
  }
  if (exp !== undefined && exp <= now) throw invalid('The DPoP proof JWT is expired.')
}

function checkNonce(org: Org, claims: JWTPayload): void {
  const { nonce } = claims
  if (typeof nonce === 'string' && org.nonces.isGood(nonce)) return
  const headers = { 'DPoP-Nonce': org.nonces.current() }
  throw oauthError(400, 'use_dpop_nonce', 'Authorization server requires nonce in DPoP proof.', {
    headers,
  })
}

const invalid = (description: string): Refusal => oauthError(400, 'invalid_dpop_proof', description)

/** Checks the proof of a request to one of Okta's own APIs; a nonce is not asked for there. */
export async function checkAccess(
  org: Org,
  call: Call,
  accessToken: string,
  jkt: string,
): Promise<void> {
  const proof = onlyProof(call)
  const { header, claims } = parse(proof)
  checkHeader(header)
  await checkSignature(proof, header)
  checkPlace(call, claims)
  checkTime(claims, org.now() / 1000)
  const hash = createHash('sha256').update(accessToken).digest('base64url')
  if (claims['ath'] !== hash) {
    throw invalid("'ath' claim in the DPoP proof does not match the presented access_token.")
  }
  if ((await calculateJwkThumbprint(header.jwk ?? {})) !== jkt) {
    throw invalid('The access_token is not bound to the provided DPoP proof.')
  }
  checkReplay(org, claims)
}

function checkReplay(org: Org, { jti }: JWTPayload): void {
  if (typeof jti !== 'string') throw invalid("'jti' claim in the DPoP proof JWT is invalid.")
  if (org.usedJtis.once(`dpop ${jti}`, true, 600)) return
  throw invalid('The DPoP proof JWT has already been used.')
}
