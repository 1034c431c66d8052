import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../client/tokens.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Claims } from '../lib/claims.ts'
import type { ResponseType } from './options.ts'
import { signInOf } from './proof.ts'
import type { LoginParts } from './site.ts'
import type { Transaction } from './transaction.ts'

const transaction: Transaction = {
  state: 's',
  nonce: 'n',
  verifier: 'v',
  redirectUri: 'https://app.test/callback',
  returnTo: '/',
  begunAt: 0,
  scope: 'openid',
}

const issuer = 'https://id.test'
const tokens: TokenSet = {
  accessToken: 'back-access',
  tokenType: 'bearer',
  expiresIn: 60,
  scope: undefined,
  refreshToken: undefined,
  idToken: 'back-id',
  raw: {},
}

interface Told {
  readonly responseType: ResponseType
  /** By token. */
  readonly idTokens?: Readonly<Record<string, Claims>>
  readonly accessToken?: Claims
  readonly given?: Partial<TokenSet>
}

/** A login whose issuer says what it is told to; `asked` is what it was asked about. */
function scene({ responseType, idTokens = {}, accessToken, given }: Told) {
  const asked: unknown[] = []
  const parts = {
    options: {},
    responseType,
    client: {
      id: 'client-1',
      issuer: { url: issuer },
      validateAnswer: (parameters: URLSearchParams) => Promise.resolve(parameters),
      exchangeCode: (answer: URLSearchParams, made: unknown) => {
        asked.push(['code', answer.get('code'), made])
        return Promise.resolve({ ...tokens, ...given })
      },
      userinfo: (token: string, subject: string) => {
        asked.push(['userinfo', token, subject])
        return Promise.resolve({ sub: subject, name: 'Ada' })
      },
    },
    checkIdToken: (token: string, expected: unknown) => {
      asked.push(['id', token, expected])
      return Promise.resolve(idTokens[token] ?? { sub: 'user-1' })
    },
    readSigned: () => Promise.resolve({ claims: accessToken ?? {} }),
  }
  // What a proof needs of a login.
  const login = parts as unknown as LoginParts
  return {
    asked,
    prove: (answer: string, more: Partial<Transaction> = {}) =>
      signInOf(login, { ...transaction, ...more }, new URLSearchParams(answer), () => {}),
  }
}

const codeOf = async (act: Promise<unknown>): Promise<string> => {
  const error: unknown = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!Refusal.is(error)) return 'nothing'
  expect(error.trail).toHaveProperty('check')
  return error.code
}

describe('a code', () => {
  test('is traded, and the ID token that comes of it is checked by what was asked', async () => {
    const { asked, prove } = scene({ responseType: 'code' })
    const more = { maxAge: 60, acr: ['strong'] }
    const proof = await prove('code=c1&state=s', more)
    expect(proof).toEqual({ claims: { sub: 'user-1' }, subject: 'user-1', tokens })
    expect(asked).toEqual([
      [
        'code',
        'c1',
        { redirectUri: 'https://app.test/callback', verifier: 'v', nonce: 'n', maxAge: 60 },
      ],
      ['id', 'back-id', { nonce: 'n', accessToken: 'back-access', ...more }],
    ])
  })

  test('without an ID token proves nobody', async () => {
    const { prove } = scene({ responseType: 'code', given: { idToken: undefined } })
    expect(await codeOf(prove('code=c1'))).toBe('id_token_refused')
  })
})

describe('an answer holds what was asked for, each once:', () => {
  test.each<[ResponseType, string]>([
    ['code', ''],
    ['code', 'code='],
    ['code', 'code=c&code=c'],
    ['code', 'code=c&id_token=i'],
    ['code', 'code=c&access_token=a'],
    ['id_token', 'code=c&id_token=i'],
    ['id_token', 'id_token='],
    ['id_token', 'id_token=i&id_token=i'],
    ['id_token', 'id_token=i&access_token=a'],
    ['code id_token', 'code=c'],
    ['code id_token', 'id_token=i'],
    ['id_token token', 'id_token=i'],
    ['code token', 'code=c'],
    ['code id_token token', 'code=c&id_token=i'],
    ['token', 'access_token=a&access_token=b'],
    ['token', 'access_token=a'],
    ['token', 'access_token=a&token_type='],
    ['token', 'access_token=a&token_type=DPoP'],
    ['id_token token', 'id_token=i&access_token=a&token_type=mac'],
  ])('%s is not answered by %j', async (responseType, answer) => {
    const { asked, prove } = scene({ responseType })
    expect(await codeOf(prove(answer))).toBe('login_answer_invalid')
    expect(asked).toEqual([])
  })
})

describe('what comes through the browser', () => {
  test('is checked before the code is traded', async () => {
    const { asked, prove } = scene({ responseType: 'code id_token' })
    expect(await prove('code=c1&id_token=front-id')).toMatchObject({ tokens })
    expect(asked.map((one) => (one as readonly unknown[]).slice(0, 2))).toEqual([
      ['id', 'front-id'],
      ['code', 'c1'],
      ['id', 'back-id'],
    ])
    expect(asked[0]).toEqual(['id', 'front-id', { nonce: 'n', state: 's', code: 'c1' }])
  })

  test('must be about the same user as what comes behind it', async () => {
    const idTokens = { 'front-id': { sub: 'user-1' }, 'back-id': { sub: 'user-2' } }
    const { prove } = scene({ responseType: 'code id_token', idTokens })
    expect(await codeOf(prove('code=c1&id_token=front-id'))).toBe('id_token_refused')
  })

  test('is bound to the access token beside it', async () => {
    const { asked, prove } = scene({ responseType: 'code id_token token' })
    await prove('code=c1&id_token=front-id&access_token=a1&token_type=Bearer')
    expect(asked[0]).toEqual([
      'id',
      'front-id',
      { nonce: 'n', state: 's', code: 'c1', accessToken: 'a1' },
    ])
  })

  test('may be the ID token alone', async () => {
    const { asked, prove } = scene({ responseType: 'id_token' })
    const proof = await prove('id_token=front-id')
    expect(proof).toEqual({
      claims: { sub: 'user-1' },
      subject: 'user-1',
      tokens: { idToken: 'front-id' },
    })
    expect(asked).toEqual([['id', 'front-id', { nonce: 'n', state: 's' }]])
  })

  test.each([
    ['expires_in=60', 60],
    ['expires_in=-1', undefined],
    ['expires_in=soon', undefined],
    ['', undefined],
  ])('may bring an access token that lives: %j', async (more, expiresIn) => {
    const { prove } = scene({ responseType: 'id_token token' })
    const { tokens: came } = await prove(
      `id_token=front-id&access_token=a1&token_type=bearer&scope=x&${more}`,
    )
    expect(came).toEqual({ idToken: 'front-id', accessToken: 'a1', expiresIn, scope: 'x' })
  })

  test('of a code and a token, the code counts', async () => {
    const { prove } = scene({ responseType: 'code token' })
    expect((await prove('code=c1&access_token=a1&token_type=Bearer')).tokens).toEqual(tokens)
  })
})

describe('an access token alone', () => {
  const own = { iss: issuer, sub: 'user-1', client_id: 'client-1' }

  test.each(['client_id', 'cid', 'azp', 'appid'])('names us by %s', async (name) => {
    const { client_id: _, ...claims } = own
    const accessToken = { ...claims, [name]: 'client-1' }
    const { asked, prove } = scene({ responseType: 'token', accessToken })
    const proof = await prove('access_token=a1&token_type=Bearer&expires_in=60')
    expect(proof).toMatchObject({ subject: 'user-1', claims: { name: 'Ada' } })
    expect(asked).toEqual([['userinfo', 'a1', 'user-1']])
  })

  test.each<[string, Claims]>([
    ['to another client', { ...own, client_id: 'client-2' }],
    ['to nobody', { iss: issuer, sub: 'user-1' }],
    ['by another issuer', { ...own, iss: 'https://evil.test' }],
    ['about nobody', { ...own, sub: '' }],
  ])('that was issued %s proves nobody', async (_what, accessToken) => {
    const { asked, prove } = scene({ responseType: 'token', accessToken })
    expect(await codeOf(prove('access_token=a1&token_type=Bearer'))).toBe('login_answer_invalid')
    expect(asked).toEqual([])
  })

  test.each([{ maxAge: 60 }, { acr: ['strong'] }])('cannot tell %j', async (more) => {
    const { prove } = scene({ responseType: 'token', accessToken: own })
    expect(await codeOf(prove('access_token=a1&token_type=Bearer', more))).toBe('login_unmet')
  })
})
