import { describe, expect, test, vi } from 'vitest'
import { forbidden, refuse, Refusal } from './refusal.ts'
import { refusals, type RefusalCode } from './table.ts'

describe('a refusal', () => {
  test('is an error that the default handlers of Express and Koa can answer', () => {
    const refusal = new Refusal('token_expired', 'It expired 3 s ago.')
    expect(refusal).toBeInstanceOf(Error)
    expect(refusal).toMatchObject({
      name: 'Refusal',
      code: 'token_expired',
      status: 401,
      expose: true,
      reason: 'It expired 3 s ago.',
      message: 'The access token is not accepted.',
      headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
      trail: {},
    })
  })

  test('has the sentence of the table for a reason where none is given', () => {
    expect(new Refusal('token_expired').reason).toBe(refusals.token_expired.sentence)
  })

  test('keeps its cause, and has none where there was none', () => {
    const cause = new Error('why')
    expect(new Refusal('token_key_unknown', 'x', { cause }).cause).toBe(cause)
    expect(Object.hasOwn(new Refusal('token_key_unknown'), 'cause')).toBe(false)
  })

  test('of a rule has no challenge: RFC 6750 knows no code for it', () => {
    expect(forbidden('no').headers).toEqual({})
    expect(new Refusal('claim_refused').headers).toEqual({})
  })

  test('made by the application keeps its stack', () => {
    expect(new Refusal('forbidden').stack).toContain('refusal.test.ts')
  })

  test('made on the hot path records none, and leaves the limit as it was', () => {
    const limit = Error.stackTraceLimit
    expect(refuse('forbidden').stack).not.toContain('refusal.test.ts')
    expect(forbidden('no').stack).not.toContain('refusal.test.ts')
    expect(Error.stackTraceLimit).toBe(limit)
  })
})

describe('forbidden', () => {
  test('is a 403 with a reason for the log, and none for the wire', () => {
    expect(forbidden('Office hours only.')).toMatchObject({
      code: 'forbidden',
      trail: { check: 'rule' },
      status: 403,
      reason: 'Office hours only.',
      message: 'Access is denied.',
    })
    expect(forbidden().reason).toBe(refusals.forbidden.sentence)
  })
})

describe('a refusal that is amended', () => {
  const cause = new Error('why')
  const refusal = new Refusal('scope_missing', 'b is missing', {
    cause,
    parameters: { scope: 'b' },
    trail: { check: 'scope' },
  })
  const face = {
    realm: 'api',
    schemes: [{ name: 'Bearer', parameters: {} }],
    exposeReason: true,
  }

  test('keeps everything that is not replaced', () => {
    expect(refusal.amended({ face })).toMatchObject({
      code: 'scope_missing',
      status: 403,
      reason: 'b is missing',
      message: 'scope_missing: b is missing',
      cause,
      trail: { check: 'scope' },
      headers: {
        'WWW-Authenticate':
          'Bearer realm="api", error="insufficient_scope", error_description="scope_missing: b is missing", scope="b"',
      },
    })
  })

  test('leaves the first one alone', () => {
    refusal.amended({ face, trail: { check: 'other' } })
    expect(refusal).toMatchObject({ message: 'Access is denied.', trail: { check: 'scope' } })
  })
})

describe('an error description', () => {
  // RFC 6750 §3: %x20-21 / %x23-5B / %x5D-7E, so neither a quote nor a backslash, escaped or not.
  test('holds only the characters that RFC 6750 allows', () => {
    const face = {
      realm: undefined,
      schemes: [{ name: 'Bearer', parameters: {} }],
      exposeReason: true,
    }
    const field = new Refusal('token_malformed', 'a "b" \\ ä\r\nX: y', { face }).headers[
      'WWW-Authenticate'
    ]
    expect(field).toMatch(/^Bearer error="invalid_token", error_description="[^"\\]*"$/)
    expect(field).toMatch(/^[\x20-\x7e]*$/)
    expect(field).toContain('token_malformed: a ')
  })
})

describe('Refusal.is', () => {
  test('recognises a refusal', () => {
    expect(Refusal.is(new Refusal('forbidden'))).toBe(true)
    expect(Refusal.is(forbidden())).toBe(true)
  })

  test('recognises one that another copy of the package made, and the other way round', async () => {
    vi.resetModules()
    const copy = await import('./refusal.ts')
    const foreign = copy.forbidden('from elsewhere')
    expect(foreign).not.toBeInstanceOf(Refusal)
    expect(Refusal.is(foreign)).toBe(true)
    expect(copy.Refusal.is(forbidden())).toBe(true)
  })

  test.each([
    undefined,
    null,
    'forbidden',
    403,
    {},
    new Error('forbidden'),
    { code: 'forbidden', status: 403, name: 'Refusal' },
  ])('does not take %j for one', (other) => {
    expect(Refusal.is(other)).toBe(false)
  })
})

test('every refusal in the table is a client error with a sentence', () => {
  // The keys of the table are its codes.
  for (const code of Object.keys(refusals) as RefusalCode[]) {
    const { status, error, sentence } = refusals[code]
    expect(sentence).toMatch(/^[A-Z].*\.$/)
    expect(
      { invalid_request: 400, invalid_token: 401, insufficient_scope: 403 }[String(error)] ??
        status,
    ).toBe(status)
    expect(new Refusal(code).status).toBe(status)
  }
})
