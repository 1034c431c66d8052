import { createClock, createTokenIssuer } from '@portcullis/testkit'
import { CompactEncrypt } from 'jose'
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createGuard, type GuardOptions } from '../guard/create.ts'
import { hasClaim } from '../guard/rules/claim.ts'
import { hasScope } from '../guard/rules/scope.ts'
import type { HttpRequest } from '../http/request.ts'
import { stepUp } from '../standards/step-up/step-up.ts'
import { Outage } from './outage.ts'
import { forbidden, type Refusal } from './refusal.ts'
import { outages, refusals, wireText, type OutageCode, type RefusalCode } from './table.ts'

const clock = createClock(1_700_000_000_000)
const now = clock.now() / 1000
const issuer = createTokenIssuer({ algorithm: 'ES256', now: clock.now })
const options = issuer.guardOptions

const request = (authorization: string | undefined): HttpRequest => ({
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

// Those of a login are met in test/e2e/login-codes.test.ts.
type LoginCode =
  | `${'login' | 'logout' | 'session'}_${string}`
  | 'cross_site'
  | 'grant_refused'
  | 'id_token_refused'

// A code without a scenario does not compile: every refusal is one that a request can meet.
const scenarios: Readonly<Record<Exclude<RefusalCode, LoginCode>, () => Promise<Refusal>>> = {
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

const demanded: Readonly<Partial<Record<RefusalCode, string>>> = {
  scope_missing: ', scope="orders:read"',
  step_up_required: ', acr_values="phr", max_age="300"',
}

// As much as RFC 6750 §3 has words for, and what RFC 9110 wants beside a 401.
const wire = (code: RefusalCode): Readonly<Record<string, string>> => {
  const { status, error } = refusals[code]
  if (error === undefined) return status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}
  return { 'WWW-Authenticate': `Bearer error="${error}"${demanded[code] ?? ''}` }
}

describe.each(Object.entries(scenarios))('%s', (name, meet) => {
  // The names of the record are the codes.
  const code = name as RefusalCode

  test('is met by a request, with the status of the table', async () => {
    expect(await meet()).toMatchObject({ code, status: refusals[code].status, expose: true })
  })

  test('tells the wire its OAuth error, and nothing beyond RFC 6750', async () => {
    const { headers, message, status } = await meet()
    expect(headers).toEqual(wire(code))
    expect(message).toBe(wireText(status, refusals[code].error))
  })

  test('says on the wire neither code nor reason nor anything of the trail', async () => {
    const { headers, message, reason, trail } = await meet()
    const said = JSON.stringify([headers, message])
    const secrets = [code, reason, trail.kid, trail.issuer, trail.presented, trail.alg, trail.typ]
    const told = secrets.filter((word) => word !== undefined && said.includes(word))
    expect(told).toEqual([])
  })
})

test('the wire tells one bad token from another by nothing at all', async () => {
  const bad = Object.entries(scenarios).filter(([code]) => code.startsWith('token_'))
  const answers = await Promise.all(
    bad.map(async ([, meet]) => {
      const { status, message, headers } = await meet()
      return JSON.stringify({ status, message, headers })
    }),
  )
  expect(bad.length).toBeGreaterThan(15)
  expect(new Set(answers).size).toBe(1)
})

type Answers = Readonly<Record<string, unknown>>

// An issuer whose documents are what a test says; a number is a status, anything else a JSON document.
const serving =
  (documents: Answers): typeof fetch =>
  (input) => {
    const answer = Object.entries(documents).find(([end]) =>
      new Request(input).url.endsWith(end),
    )?.[1]
    return Promise.resolve(
      typeof answer === 'number' || answer === undefined
        ? new Response(null, { status: typeof answer === 'number' ? answer : 404 })
        : Response.json(answer),
    )
  }

const unknowable = async (more: Partial<GuardOptions>): Promise<unknown> => {
  const { issuer: url, audience } = options
  const remote = 'issuers' in more ? {} : { issuer: url, audience }
  // The scenarios complete one form or the other.
  const guard = createGuard({ now: clock.now, ...remote, ...more } as GuardOptions)
  const token = await issuer.issueToken()
  return Promise.resolve(guard.check(request(`Bearer ${token}`))).then(
    () => Promise.reject(new Error('there was a verdict')),
    (error: unknown) => error,
  )
}

const discovery = { issuer: options.issuer, jwks_uri: `${options.issuer}/keys` }

type LoginOutage = 'endpoint_failed' | 'store_failed'

const failures: Readonly<Record<Exclude<OutageCode, LoginOutage>, () => Promise<unknown>>> = {
  issuer_unreachable: () => unknowable({ fetch: () => Promise.reject(new Error('ECONNREFUSED')) }),
  issuer_invalid: () =>
    unknowable({ fetch: serving({ '/openid-configuration': { issuer: 'https://evil.test' } }) }),
  keys_unreachable: () =>
    unknowable({ fetch: serving({ '/openid-configuration': discovery, '/keys': 502 }) }),
  keys_invalid: () =>
    unknowable({ fetch: serving({ '/openid-configuration': discovery, '/keys': { no: 'keys' } }) }),
  revocation_unknown: () =>
    unknowable({ jwks: options.jwks, revoked: () => Promise.reject(new Error('redis is down')) }),
  resolver_failed: () =>
    unknowable({ issuers: () => Promise.reject(new Error('postgres is down')) }),
}

describe.each(Object.entries(failures))('%s', (code, meet) => {
  test('is met where nobody can know: 503 with Retry-After, and never a 401', async () => {
    const outage = await meet()
    if (!Outage.is(outage)) throw outage
    expect(outage).toMatchObject({ code, status: 503 })
    expect(outage.headers).toEqual({ 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) })
  })

  test('keeps its text, with addresses and causes, from the client', async () => {
    expect(await meet()).toMatchObject({
      expose: false,
      // The names of the record are the codes.
      message: expect.stringContaining(outages[code as OutageCode]),
    })
  })
})
