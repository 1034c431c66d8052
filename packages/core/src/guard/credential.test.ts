import { describe, expect, test, vi } from 'vitest'
import type { Refusal } from '../errors/refusal.ts'
import type { HttpRequest } from '../http/request.ts'
import type { SenderConstraint } from './constraint.ts'
import { createGuard, type GuardSettings } from './create.ts'
import { readAccessToken, type TokenVerifier } from './token.ts'

// Believes every token, and remembers which it was asked about.
const believing = () => {
  const asked: string[] = []
  const verifier: TokenVerifier = {
    verify: (token) => {
      asked.push(token)
      return readAccessToken({}, {}, { issuer: 'https://id.test', expiresAt: 1 }, [])
    },
  }
  return { asked, verifier }
}

const request = (
  headers: Readonly<Record<string, string>>,
  over: Partial<HttpRequest> = {},
): HttpRequest => ({
  method: 'GET',
  url: 'https://api.test/?access_token=from-the-query',
  header: (name) => headers[name],
  form: () => Promise.reject(new Error('nobody may ask for the form')),
  ...over,
})

const post = (fields: string, headers: Readonly<Record<string, string>> = {}): HttpRequest =>
  request(
    { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    { method: 'POST', form: () => Promise.resolve(new URLSearchParams(fields)) },
  )

const present = async (
  asked: HttpRequest,
  settings: GuardSettings = {},
): Promise<{ tokens: readonly string[]; refusal: Refusal | undefined }> => {
  const { asked: tokens, verifier } = believing()
  const verdict = await createGuard({ verifier, ...settings }).check(asked)
  return { tokens, refusal: verdict.granted ? undefined : verdict.refusal }
}

const authorization = (field: string, settings?: GuardSettings) =>
  present(request({ authorization: field }), settings)

const challengeOf = (refusal: Refusal | undefined): string | undefined =>
  refusal?.headers['WWW-Authenticate']

describe('a request without a credential', () => {
  test('is answered with 401 and a challenge without any error code', async () => {
    const { refusal } = await present(request({}))
    expect(refusal).toMatchObject({ code: 'no_credential', status: 401 })
    expect(challengeOf(refusal)).toBe('Bearer')
  })

  test('may have an Authorization field that a gateway has emptied', async () => {
    const { refusal } = await authorization('')
    expect(refusal).toMatchObject({ code: 'no_credential', status: 401 })
  })

  test('gains nothing from a token in the query', async () => {
    const { refusal, tokens } = await present(request({}))
    expect(refusal?.code).toBe('no_credential')
    expect(tokens).toEqual([])
  })
})

describe('the Authorization field', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])(
    'may write the scheme as %s',
    async (name) => {
      const { tokens, refusal } = await authorization(`${name} a.b.c`)
      expect(refusal).toBeUndefined()
      expect(tokens).toEqual(['a.b.c'])
    },
  )

  test('may have several spaces after the scheme, none of which belong to the token', async () => {
    expect((await authorization('Bearer    a.b.c')).tokens).toEqual(['a.b.c'])
  })

  test.each([
    ['the scheme alone', 'Bearer'],
    ['the scheme and only spaces', 'Bearer   '],
    ['two words after the scheme', 'Bearer a.b.c d'],
    ['a tab for the space', 'Bearer\ta.b.c'],
    ['no scheme', ' a.b.c'],
    ['a character that no scheme has', 'Be(rer a.b.c'],
  ])('is malformed with %s: 400 invalid_request', async (_, field) => {
    const { refusal, tokens } = await authorization(field)
    expect(refusal).toMatchObject({ code: 'malformed_credential', status: 400 })
    expect(challengeOf(refusal)).toBe('Bearer error="invalid_request"')
    expect(tokens).toEqual([])
  })

  test.each([
    ['Bearer Bearer a.b.c', 'the scheme stands there twice'],
    ['Bearer bearer a.b.c', 'the scheme stands there twice'],
    ['Bearer [object Object]', 'there is more than one word after the scheme'],
  ])('says what is wrong with %s', async (field, why) => {
    const { refusal } = await authorization(field)
    expect(refusal?.reason).toBe(`The credential cannot be read: ${why}.`)
  })

  test.each([
    ['two bearer tokens', 'Bearer a.b.c, Bearer d.e.f'],
    ['the same bearer token twice', 'Bearer a.b.c, Bearer a.b.c'],
    ['a bearer token and a password', 'Bearer a.b.c, Basic dTpw'],
    ['a password and a bearer token', 'Basic dTpw, Bearer a.b.c'],
  ])('may not be repeated, with %s: 400 invalid_request', async (_, field) => {
    const { refusal, tokens } = await authorization(field)
    expect(refusal).toMatchObject({ code: 'credential_repeated', status: 400 })
    expect(challengeOf(refusal)).toBe('Bearer error="invalid_request"')
    expect(tokens).toEqual([])
  })

  test.each(['Basic dTpw', 'Basic', 'DPoP a.b.c', 'Negotiate'])(
    'with another scheme (%s) is answered with 401 and the challenge, without an error code',
    async (field) => {
      const { refusal, tokens } = await authorization(field)
      expect(refusal).toMatchObject({ code: 'scheme_unsupported', status: 401 })
      expect(challengeOf(refusal)).toBe('Bearer')
      expect(tokens).toEqual([])
    },
  )

  test.each(['sk_live_Abc123Secret', 'sk_live_Abc123Secret a.b.c', `${'x'.repeat(5000)} a.b.c`])(
    'is never repeated where it may be a secret that was sent without a scheme: %s',
    async (field) => {
      const { refusal } = await authorization(field)
      expect(JSON.stringify([refusal?.reason, refusal?.trail])).not.toMatch(/abc123|xxxx/i)
    },
  )

  test.each([
    ['sk_live_Abc123Secret', 'malformed_credential'],
    ['Negotiate', 'scheme_unsupported'],
    ['DPoP', 'scheme_unsupported'],
    ['Bearer', 'malformed_credential'],
  ])('of a single word (%s) is a scheme only where it is a known one', async (field, code) => {
    expect((await authorization(field)).refusal?.code).toBe(code)
  })

  test('may use the scheme of an enabled constraint, in any case', async () => {
    const schemes: string[] = []
    const constraint: SenderConstraint = {
      confirmation: 'jkt',
      scheme: 'DPoP',
      prove: (_request, _token, credential) => {
        schemes.push(credential.scheme)
        return []
      },
    }
    const { tokens } = await authorization('dPoP a.b.c', { constraints: [constraint] })
    expect(tokens).toEqual(['a.b.c'])
    expect(schemes).toEqual(['dpop'])
  })
})

describe('a form body', () => {
  const form = { form: true }

  test('is not looked at unless the guard is told to', async () => {
    const read = vi.fn<() => Promise<URLSearchParams>>()
    const { refusal } = await present({ ...post('access_token=a.b.c'), form: read })
    expect(refusal?.code).toBe('no_credential')
    expect(read).not.toHaveBeenCalled()
  })

  test('carries the token where the guard is told to look', async () => {
    expect((await present(post('access_token=a.b.c'), form)).tokens).toEqual(['a.b.c'])
  })

  test('is recognised by its type, parameters and case aside', async () => {
    const type = { 'content-type': 'Application/X-WWW-Form-Urlencoded ; charset=utf-8' }
    expect((await present(post('access_token=a.b.c', type), form)).tokens).toEqual(['a.b.c'])
  })

  test('of another type is not asked for a token', async () => {
    const json = { 'content-type': 'application/json' }
    expect((await present(post('access_token=a.b.c', json), form)).refusal?.code).toBe(
      'no_credential',
    )
  })

  test('without a type is not asked for a token', async () => {
    const bare = request({}, { method: 'POST' })
    expect((await present(bare, form)).refusal?.code).toBe('no_credential')
  })

  test.each(['GET', 'HEAD'])('means nothing in a %s request', async (method) => {
    const { refusal } = await present({ ...post('access_token=a.b.c'), method }, form)
    expect(refusal?.code).toBe('no_credential')
  })

  test('without the field leaves the header in charge', async () => {
    const { tokens } = await present(post('a=1', { authorization: 'Bearer h.h.h' }), form)
    expect(tokens).toEqual(['h.h.h'])
  })

  test('without the field and without a header is no credential', async () => {
    expect((await present(post('a=1'), form)).refusal?.code).toBe('no_credential')
  })

  test.each([
    ['twice', post('access_token=a.b.c&access_token=d.e.f')],
    ['beside a header', post('access_token=a.b.c', { authorization: 'Bearer h.h.h' })],
  ])('may not carry the token %s: 400 invalid_request', async (_, asked) => {
    const { refusal, tokens } = await present(asked, form)
    expect(refusal).toMatchObject({ code: 'credential_repeated', status: 400 })
    expect(tokens).toEqual([])
  })

  test('with an empty field is malformed: 400 invalid_request', async () => {
    expect((await present(post('access_token='), form)).refusal).toMatchObject({
      code: 'malformed_credential',
      status: 400,
    })
  })
})
