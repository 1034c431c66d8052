import { createHash, createPublicKey, verify } from 'node:crypto'
import type { Credential } from '../options.ts'
import type { Person } from '../people.ts'
import { counted } from '../verify.ts'
import { oauthError } from '../wire.ts'
import { invalidGrant } from '../token/code.ts'
import type { GrantRequest, TokenBody } from '../token/grant.ts'
import { conclude } from './conclude.ts'
import { passMfa, requireMfa } from './mfa.ts'
import { checkOrigin, type WebauthnChallenge } from './transactions.ts'

/** §4.8: a passkey as the first factor. */
export function webauthnGrant(request: GrantRequest): Promise<TokenBody> {
  const assertion = readAssertion(request.form)
  const pending = take(request, assertion)
  if (pending.mfa !== undefined) throw notAssociated()
  const person = prove(request, pending, assertion)
  return conclude(request, { person, at: request.org.now(), factors: ['webauthn'] })
}

/** §4.8: a passkey as the second factor. */
export function mfaWebauthnGrant(request: GrantRequest): Promise<TokenBody> {
  const assertion = readAssertion(request.form)
  const mfa = requireMfa(request)
  const pending = take(request, assertion)
  if (pending.mfa !== mfa) throw notAssociated()
  prove(request, pending, assertion)
  return passMfa(request, mfa, 'webauthn')
}

interface Assertion {
  readonly authenticatorData: string
  readonly clientDataJSON: string
  readonly signature: string
  readonly challenge: string
}

function readAssertion(form: URLSearchParams): Assertion {
  const authenticatorData = form.get('authenticatorData')
  const clientDataJSON = form.get('clientDataJSON')
  const signature = form.get('signature')
  if (!authenticatorData || !clientDataJSON || !signature) {
    throw oauthError(
      400,
      'invalid_request',
      "WebAuthn requests must contain 'authenticatorData', 'clientDataJSON', and 'signature'.",
    )
  }
  return { authenticatorData, clientDataJSON, signature, challenge: challengeOf(clientDataJSON) }
}

function challengeOf(clientData: string): string {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientData, 'base64url').toString())
    const { challenge }: { challenge?: unknown } = { ...Object(data) }
    if (typeof challenge === 'string') return challenge
  } catch {
    // Refused below, like data without a challenge.
  }
  throw oauthError(
    400,
    'invalid_request',
    "'clientDataJSON' is not a Base64 encoded JSON string containing a 'challenge'.",
  )
}

// A challenge is asked for as text and comes back as base64url of its bytes, or as it is.
function take(request: GrantRequest, { challenge }: Assertion): WebauthnChallenge {
  const decoded = Buffer.from(challenge, 'base64url').toString()
  const pending = request.org.webauthn.take(challenge) ?? request.org.webauthn.take(decoded)
  if (pending === undefined) {
    throw invalidGrant('There is no pending WebAuthn challenge for the request.')
  }
  checkOrigin(pending, request)
  return pending
}

function prove(request: GrantRequest, pending: WebauthnChallenge, assertion: Assertion): Person {
  const { org, form } = request
  const named = Buffer.from(form.get('userHandle') ?? '', 'base64url').toString()
  const person = pending.person ?? org.findPerson(named)
  const credentials = (person && org.usable(person, 'webauthn')?.credentials) ?? []
  const isRight = credentials.some((credential) => hasSigned(credential, assertion))
  if (person !== undefined && counted(org, person, isRight)) return person
  throw invalidGrant(
    'None of the WebAuthn authenticators the user has enrolled for was able to validate the assertion',
  )
}

export function hasSigned(
  { publicKey }: Credential,
  assertion: Omit<Assertion, 'challenge'>,
): boolean {
  const clientData = Buffer.from(assertion.clientDataJSON, 'base64url')
  const hash = createHash('sha256').update(clientData).digest()
  const signed = Buffer.concat([Buffer.from(assertion.authenticatorData, 'base64url'), hash])
  // jose and Node describe the same JWK with different types.
  const key = createPublicKey({ key: publicKey as Record<string, unknown>, format: 'jwk' })
  return verify('sha256', signed, key, Buffer.from(assertion.signature, 'base64url'))
}

const notAssociated = (): Error =>
  oauthError(
    400,
    'invalid_request',
    "The 'challenge' and the 'mfa_token' provided are not associated with each other. Review the values and try again.",
  )
