import { describe, expect, test } from 'vitest'
import { clock, issuer, request, scenarios } from '../../../../test/support/refused-requests.ts'
import { createGuard, type GuardOptions } from '../guard/create.ts'
import { Outage } from './outage.ts'
import { outages, refusals, wireText, type OutageCode, type RefusalCode } from './table.ts'

const options = issuer.guardOptions

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
