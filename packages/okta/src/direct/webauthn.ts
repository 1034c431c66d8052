import { Outage } from '@portcullis/core'
import type { DirectAnswer, DirectWebAuthn, WebAuthnEnrollment } from './answer.ts'
import { attempt, refuseInput, tooLate, type Act } from './attempt.ts'
import { readAssertion } from './input.ts'
import type { CallOptions } from './options.ts'
import { failureOf, trade, type Asked } from './outcome.ts'
import type { DirectParts } from './parts.ts'
import type { Posted } from './post.ts'
import type { DirectState, Hidden, WebAuthnState } from './state.ts'
import { grants } from './wire.ts'

/** Who is to sign. */
export interface PasskeyOwner {
  readonly username: string | undefined
  readonly hidden: Hidden
  /** Where the next factor was asked for. */
  readonly state?: DirectState
}

/** Asks for a challenge: for the first factor, or with an `mfa_token` for the next one. */
export function challengePasskey(
  parts: DirectParts,
  owner: PasskeyOwner,
  { address, signal }: CallOptions,
): Promise<DirectAnswer> {
  const { username, hidden, state } = owner
  const isSecond = hidden.mfaToken !== undefined
  const at = state && { state }
  const act: Act = {
    factor: 'webauthn',
    isSecond,
    act: 'start',
    kind: 'prompt',
    username,
    address,
    ...at,
  }
  const { endpoints } = parts.server
  const url = isSecond ? endpoints.challenge : endpoints.primaryAuthenticate
  const fields = isSecond
    ? { mfa_token: hidden.mfaToken, challenge_types_supported: grants.mfaWebAuthn }
    : { challenge_hint: grants.webAuthn, login_hint: username, acr_values: hidden.acrValues }
  return attempt(parts, act, async () => {
    const posted = await parts.post(url, fields, signal)
    const { status, requestId } = posted
    const step = isSecond ? 'challenge' : 'start'
    const asked: Asked = { step, url, fields, username, hidden, ...at }
    if (status !== 200) return { answer: failureOf(asked, posted), requestId }
    return { answer: readChallenge(parts, posted, { url, ...owner }), requestId }
  })
}

// Where the challenge names no time of its own.
const challengeSeconds = 300

function readChallenge(
  { now, vault, server }: DirectParts,
  { body, status }: Posted,
  { url, username, hidden }: PasskeyOwner & { readonly url: string },
): DirectWebAuthn {
  const given = record(body['publicKey'])
  if (typeof given?.['challenge'] !== 'string') {
    throw new Outage('endpoint_failed', `it answered ${status}: there is no challenge`, {
      url,
      phase: 'content',
    })
  }
  const state = vault.keep<WebAuthnState>(
    {
      kind: 'webauthn',
      username,
      isSecond: hidden.mfaToken !== undefined,
      expiresAt: now() + challengeSeconds * 1000,
    },
    hidden,
  )
  const publicKey = { ...given, rpId: relyingParty(given, server.issuer) }
  return { status: 'webauthn', state, publicKey, enrollments: enrollmentsOf(body) }
}

/** The domain that the passkey belongs to: Okta may name it in an old extension only. */
function relyingParty(publicKey: Readonly<Record<string, unknown>>, issuer: string): string {
  const { rpId } = publicKey
  if (typeof rpId === 'string' && rpId !== '') return rpId
  const appId = record(publicKey['extensions'])?.['appid']
  return new URL(typeof appId === 'string' && URL.canParse(appId) ? appId : issuer).hostname
}

function enrollmentsOf(body: Posted['body']): readonly WebAuthnEnrollment[] {
  const given: unknown = body['authenticatorEnrollments']
  if (!Array.isArray(given)) return []
  return given.slice(0, 100).flatMap((entry: unknown) => {
    const { credentialId, displayName } = record(entry) ?? {}
    if (typeof credentialId !== 'string') return []
    return [
      { credentialId, displayName: typeof displayName === 'string' ? displayName : undefined },
    ]
  })
}

const record = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null ? { ...value } : undefined

/** Proves what the passkey signed. */
export async function verifyPasskey(
  parts: DirectParts,
  state: WebAuthnState,
  given: unknown,
  { address, signal }: CallOptions,
): Promise<DirectAnswer> {
  const hidden = parts.vault.hiddenOf(state)
  const { isSecond, username } = state
  const act = { factor: 'webauthn', isSecond, act: 'verify', username, address, state } as const
  const assertion = readAssertion(given)
  if (assertion === undefined) return refuseInput(parts, act, 'assertion', state)
  if (parts.now() >= state.expiresAt) return tooLate(parts, act)
  return attempt(parts, { ...act, kind: 'guess' }, () =>
    trade(parts, {
      step: 'webauthn',
      url: parts.server.endpoints.token,
      fields: {
        grant_type: isSecond ? grants.mfaWebAuthn : grants.webAuthn,
        mfa_token: hidden.mfaToken,
        ...assertion,
      },
      username,
      hidden,
      state,
      signal,
    }),
  )
}
