import {
  createGuard,
  forbidden,
  hasClaim,
  hasScope,
  stepUp,
  type GuardOptions,
  type HttpRequest,
  type Refusal,
  type RefusalCode,
} from '@portcullis/core'
import { createClock, createTokenIssuer, type Clock, type TokenIssuer } from '@portcullis/testkit'
import { CompactEncrypt } from 'jose'
import { randomBytes } from 'node:crypto'

export const clock: Clock = createClock(1_700_000_000_000)
const now = clock.now() / 1000
export const issuer: TokenIssuer = createTokenIssuer({ algorithm: 'ES256', now: clock.now })
const options = issuer.guardOptions

export const request = (authorization: string | undefined): HttpRequest => ({
  method: 'GET',
  url: 'https://api.test/',
  header: (name) => (name === 'authorization' ? authorization : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
})

const refusedField = async (
  field: string | undefined,
  more: Partial<GuardOptions> = {},
): Promise<Refusal> => {
  // The scenarios add members of the one-issuer form only.
  const verdict = await createGuard({ ...options, ...more } as GuardOptions).check(request(field))
  if (verdict.granted) throw new Error('it was granted')
  return verdict.refusal
}

const refused = async (
  token: string | Promise<string>,
  more: Partial<GuardOptions> = {},
): Promise<Refusal> => refusedField(`Bearer ${await token}`, more)

const refusedClaims = (claims: Readonly<Record<string, unknown>>, more?: Partial<GuardOptions>) =>
  refused(issuer.issueToken(claims), more)

const refusedHeader = (header: Readonly<Record<string, unknown>>) =>
  refused(issuer.issueToken({}, header))

const encrypted = async () =>
  new CompactEncrypt(Buffer.from(await issuer.issueToken()))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(randomBytes(32))

/** Those of a login are met in test/e2e/login-codes.test.ts. */
export type LoginCode =
  | `${'login' | 'logout' | 'session'}_${string}`
  | 'cross_site'
  | 'grant_refused'
  | 'id_token_refused'

/** A code without a scenario does not compile: every refusal is one that a request can meet. */
export const scenarios: Readonly<Record<Exclude<RefusalCode, LoginCode>, () => Promise<Refusal>>> =
  {
    no_credential: () => refusedField(undefined),
    scheme_unsupported: () => refusedField('Basic dTpw'),
    malformed_credential: () => refusedField('Bearer'),
    credential_repeated: () => refusedField('Bearer a.b.c, Bearer d.e.f'),
    token_too_large: () => refused('x'.repeat(101), { maxTokenSize: 100 }),
    token_malformed: () => refused('not-a-token'),
    token_header_refused: () =>
      refused(issuer.sign({ alg: 'ES256', kid: issuer.kid, crit: ['exp'] }, {})),
    token_type_refused: () => refusedHeader({ typ: 'logout+jwt' }),
    token_algorithm_refused: () => refusedClaims({}, { algorithms: ['RS256'] }),
    token_issuer_unknown: () => refusedClaims({ iss: 'https://evil.test' }),
    token_audience_refused: () => refusedClaims({ aud: 'https://other-api.test' }),
    token_expired: () => refusedClaims({ exp: now - 60 }),
    token_not_yet_valid: () => refusedClaims({ nbf: now + 60 }),
    token_too_old: () => refusedClaims({ iat: now - 100 }, { maxTokenAge: 10 }),
    token_claim_missing: () => refusedClaims({ exp: undefined }),
    token_claim_invalid: () => refusedClaims({ sub: 7 }),
    token_key_unknown: () => refusedHeader({ kid: 'nobody-knows-me' }),
    token_key_ambiguous: () => {
      const rotated = createTokenIssuer({ algorithm: 'ES256', now: clock.now })
      rotated.rotate()
      return refused(rotated.issueToken({}, { kid: undefined }), rotated.guardOptions)
    },
    token_signature_invalid: () => {
      const forger = createTokenIssuer({ algorithm: 'ES256', now: clock.now })
      return refused(forger.issueToken({}, { kid: issuer.kid }))
    },
    token_encrypted: () => refused(encrypted()),
    token_decryption_failed: () => {
      const wrong = { kty: 'oct', k: randomBytes(32).toString('base64url') }
      return refused(encrypted(), { decryptionKeys: [wrong] })
    },
    token_unverifiable: () => refusedHeader({ typ: 'application/okta-internal-at+jwt' }),
    token_revoked: () => refusedClaims({}, { revoked: () => true }),
    token_unbound: () => refusedClaims({ cnf: { jkt: 'thumb' } }),
    scope_missing: () => refusedClaims({}, { rules: [hasScope('orders:read')] }),
    step_up_required: () => refusedClaims({}, { rules: [stepUp({ acr: 'phr', maxAge: 300 })] }),
    claim_refused: () => refusedClaims({}, { rules: [hasClaim('tenant', 'acme')] }),
    forbidden: () => refusedClaims({}, { rules: [() => forbidden('The shop is closed.')] }),
  }
