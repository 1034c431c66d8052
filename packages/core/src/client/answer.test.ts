import { expect, describe, test } from 'vitest'
import { createClientScene, rejection } from '../../../../test/e2e/support/endpoints.ts'

const url = 'https://id.test'
const demanding = { authorization_response_iss_parameter_supported: true }
const validate = async (
  parameters: Record<string, string> | [string, string][],
  metadata: object = {},
  responseType?: string,
): Promise<Record<string, string>> => {
  const { client } = createClientScene(url, { id: 'web' }, { metadata: { ...metadata } })
  const answer = await client.validateAnswer(new URLSearchParams(parameters), 's-1', responseType)
  return Object.fromEntries(answer)
}

test('a good answer goes on', async () => {
  const answer = { code: 'c', state: 's-1' }
  expect(await validate(answer)).toEqual(answer)
})

test('what came beside the code, in front, stays behind', async () => {
  const answer = { code: 'c', state: 's-1' }
  const front = { id_token: 'i', access_token: 'a', token_type: 'b', expires_in: '3', scope: 'd' }
  expect(await validate({ ...answer, ...front })).toEqual(answer)
  expect(await validate({ state: 's-1', id_token: 'i' }, {}, 'id_token')).toEqual({ state: 's-1' })
})

test.each(['token=t', 'token=t&token=u', 'session_state=x', 'a=b&a=c'])(
  'what nobody knows is ignored: %s (RFC 6749 §4.1.2)',
  async (more) => {
    const parameters = [...new URLSearchParams(`code=c&state=s-1&${more}`)] as [string, string][]
    expect(await validate(parameters)).toMatchObject({ code: 'c' })
  },
)

test('what was handed in is not changed', async () => {
  const { client } = createClientScene(url, { id: 'web' })
  const given = new URLSearchParams({ code: 'c', state: 's-1', id_token: 'i' })
  await client.validateAnswer(given, 's-1')
  expect(given.get('id_token')).toBe('i')
})

describe('the issuer in the answer (RFC 9207)', () => {
  test('is compared where it is there', async () => {
    const answer = { code: 'c', state: 's-1', iss: url }
    expect(await validate(answer)).toEqual(answer)
    expect(await validate(answer, demanding)).toEqual(answer)
    for (const iss of ['https://evil.test', `${url}/`]) {
      expect(await rejection(validate({ ...answer, iss }))).toMatchObject({
        code: 'login_answer_invalid',
        trail: { check: 'iss' },
      })
    }
  })

  test('may be that of an ID token beside it', async () => {
    const answer = { code: 'c', state: 's-1' }
    const given = { ...answer, id_token: 'i' }
    expect(await validate(given, demanding, 'code id_token')).toEqual(answer)
    const lie = { ...given, iss: 'https://evil.test' }
    expect(await rejection(validate(lie, demanding, 'code id_token'))).toMatchObject({
      trail: { check: 'iss' },
    })
  })

  test.each([
    ['that was not asked for', 'i', 'code'],
    ['that is empty and was not asked for', '', 'code'],
    ['that is empty', '', 'code id_token'],
  ])('is not that of an ID token %s', async (_what, id_token, responseType) => {
    const answer = { code: 'c', state: 's-1', id_token }
    expect(await rejection(validate(answer, demanding, responseType))).toMatchObject({
      code: 'login_answer_invalid',
      trail: { check: 'iss' },
    })
  })

  test('is demanded where the metadata promise it, of errors too', async () => {
    for (const answer of [{ code: 'c' }, { error: 'access_denied' }]) {
      expect(await rejection(validate({ ...answer, state: 's-1' }, demanding))).toMatchObject({
        code: 'login_answer_invalid',
        trail: { check: 'iss' },
      })
    }
  })
})

test.each<[string, [string, string][], string]>([
  ['no state', [['code', 'c']], 'state'],
  [
    'another state',
    [
      ['code', 'c'],
      ['state', 's-2'],
    ],
    'state',
  ],
  [
    'two states',
    [
      ['code', 'c'],
      ['state', 's-1'],
      ['state', 's-2'],
    ],
    'state',
  ],
  [
    'two codes',
    [
      ['code', 'c'],
      ['code', 'd'],
      ['state', 's-1'],
    ],
    'code',
  ],
  ['no code', [['state', 's-1']], 'code'],
  [
    'a signed response',
    [
      ['response', 'jwt'],
      ['state', 's-1'],
    ],
    'response',
  ],
  [
    'another state and an error',
    [
      ['error', 'access_denied'],
      ['state', 's-2'],
    ],
    'state',
  ],
])('%s does not hold', async (_name, parameters, check) => {
  const error = await rejection(validate(parameters))
  expect(error).toMatchObject({ code: 'login_answer_invalid', status: 400, trail: { check } })
  expect(error).not.toHaveProperty('cause')
})

describe('an error', () => {
  test.each([
    ['access_denied', 'login_denied'],
    ['login_required', 'login_interaction_needed'],
    ['interaction_required', 'login_interaction_needed'],
    ['consent_required', 'login_interaction_needed'],
    ['account_selection_required', 'login_interaction_needed'],
    ['unmet_authentication_requirements', 'login_unmet'],
    ['invalid_scope', 'login_request_refused'],
    ['unauthorized_client', 'login_request_refused'],
    ['toString', 'login_request_refused'],
    ['server_error', 'endpoint_failed'],
    ['temporarily_unavailable', 'endpoint_failed'],
  ])('%s is %s', async (error, code) => {
    expect(await rejection(validate({ error, state: 's-1' }))).toMatchObject({ code })
  })

  test('is kept in the trail, cut and made harmless', async () => {
    const error = `<b>\u001b${'x'.repeat(500)}`
    const refusal = await rejection(
      validate({ error, error_description: `\n${'y'.repeat(500)}`, state: 's-1' }),
    )
    expect(refusal).toMatchObject({
      trail: { presented: `<b>?${'x'.repeat(76)}` },
      reason: expect.stringMatching(/^[\x20-\x7e]{1,300}$/),
    })
  })

  test('that is an outage names the endpoint', async () => {
    const metadata = { authorization_endpoint: `${url}/authorize?tenant=secret` }
    expect(
      await rejection(validate({ error: 'server_error', state: 's-1' }, metadata)),
    ).toMatchObject({ status: 503, url: `${url}/authorize` })
  })
})
