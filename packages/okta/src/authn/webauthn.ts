import { readAssertion, type Input } from '../direct/input.ts'
import type { WebAuthnAssertion } from '../direct/options.ts'
import { textOf, type Json } from './json.ts'
import type { Reading } from './reading.ts'

/** What a passkey made when it was created: the parts of `navigator.credentials.create()`'s `response`, as base64url. */
export interface WebAuthnAttestation {
  readonly attestationObject: string
  readonly clientDataJSON: string
}

const base64url = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w-]{1,65536}$/.test(value)

export const readAttestation: Input<WebAuthnAttestation> = (value) => {
  if (typeof value !== 'object' || value === null) return undefined
  const attestationObject: unknown = Reflect.get(value, 'attestationObject')
  const clientDataJSON: unknown = Reflect.get(value, 'clientDataJSON')
  return base64url(attestationObject) && base64url(clientDataJSON)
    ? { attestationObject, clientDataJSON }
    : undefined
}

/** The wire has base64 where browsers have base64url. */
export const base64 = (text: string): string => {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/')
  return plain.padEnd(Math.ceil(plain.length / 4) * 4, '=')
}

/** What signs in, as the wire has it. */
export const signatureFields = ({
  authenticatorData,
  clientDataJSON,
  signature,
}: WebAuthnAssertion): Json => ({
  authenticatorData: base64(authenticatorData),
  clientData: base64(clientDataJSON),
  signatureData: base64(signature),
})

export { readAssertion }

/** What `navigator.credentials.get` wants. */
export function requestOptions({ factors, challenge: shared }: Reading): Json {
  const challenge = shared ?? factors[0]?.challenge ?? {}
  const ids = factors.flatMap(({ profile }) => textOf(profile['credentialId']) ?? [])
  const rpId = textOf(challenge['rpId'])
  return {
    challenge: textOf(challenge['challenge']),
    ...(rpId !== undefined && { rpId }),
    allowCredentials: ids.map((id) => ({ type: 'public-key', id })),
    userVerification: textOf(challenge['userVerification']) ?? 'preferred',
    extensions: challenge['extensions'] ?? {},
  }
}

const creationMembers = new Set([
  'rp',
  'user',
  'challenge',
  'pubKeyCredParams',
  'attestation',
  'authenticatorSelection',
  'excludeCredentials',
])

/** What `navigator.credentials.create` wants; what else Okta sends is for browsers of the past. */
export const creationOptions = ({ factors }: Reading): Json =>
  Object.fromEntries(
    Object.entries(factors[0]?.activation ?? {}).filter(([name]) => creationMembers.has(name)),
  )
