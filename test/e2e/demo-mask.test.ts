import { describe, expect, it } from 'vitest'
import { maskExchange } from '../../examples/demo/flows/mask.mjs'

const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw'
const form = 'application/x-www-form-urlencoded'

const mask = (more: object) =>
  maskExchange({
    endpoint: 'token',
    method: 'POST',
    url: 'http://127.0.0.1:1/oauth2/default/v1/token',
    headers: {},
    body: '',
    status: 200,
    answerHeaders: {},
    answer: '',
    ...more,
  })

const json = (value: unknown) =>
  String(
    mask({
      answer: JSON.stringify(value),
      answerHeaders: { 'Content-Type': 'application/json' },
    }).answer.body,
  )

describe('masking the wire', () => {
  it('shows of a token six characters at most, and of what is short nothing', () => {
    expect(JSON.parse(json({ access_token: token, refresh_token: 'short-one' }))).toEqual({
      access_token: 'eyJhbG…',
      refresh_token: '••••••',
    })
  })

  it.each([
    'password',
    'otp',
    'binding_code',
    'passCode',
    'answer',
    'client_secret',
    'code',
    'code_verifier',
    'user_code',
    'something_that_nobody_has_thought_of',
  ])('shows nothing of a parameter %s', (name) => {
    const { request } = mask({
      headers: { 'content-type': form },
      body: `${name}=opensesame-${token}&grant_type=password`,
    })
    expect(request.body).toBe(`${name}=••••••\ngrant_type=password`)
  })

  it('masks at any depth, numbers and members of lists too', () => {
    const masked = json({ _embedded: { factor: [{ pin: 4711, activation: ['seed', 'seed'] }] } })
    expect(masked).not.toMatch(/4711|"seed"/)
    expect(masked).toContain('"activation": [')
  })

  it('masks what an address carries in path, query and fragment', () => {
    const { request, answer } = mask({
      method: 'GET',
      url: `http://127.0.0.1:1/api/v1/sessions/102abcdefgh?token=${token}&scope=openid`,
      status: 302,
      answerHeaders: { Location: `http://127.0.0.1:2/cb#access_token=${token}&token_type=Bearer` },
    })
    expect(request.line).toBe(
      'GET http://127.0.0.1:1/api/v1/sessions/••••••?token=eyJhbG…&scope=openid',
    )
    expect(answer.headers).toEqual([
      'location: http://127.0.0.1:2/cb#access_token=eyJhbG…&token_type=Bearer',
    ])
    const login = mask({ url: 'http://127.0.0.1:1/login/AbCdEfGhIjKl' })
    expect(login.request.line).toBe('POST http://127.0.0.1:1/login/••••••')
  })

  it('masks addresses within parameters', () => {
    const redirect = `http://127.0.0.1:2/cb?session=${'s'.repeat(30)}`
    const { request } = mask({
      headers: { 'content-type': form },
      body: new URLSearchParams({ redirect_uri: redirect }).toString(),
    })
    expect(request.body).toBe('redirect_uri=http://127.0.0.1:2/cb?session=••••••')
  })

  it.each([
    [`Bearer ${token}`, 'Bearer eyJhbG…'],
    ['Basic d2ViOnNlY3JldC1vZi10aGUtd2Vi', 'Basic ••••••'],
    ['SSWS okta-api-token', 'SSWS ••••••'],
  ])('masks the credential of %s', (authorization, shown) => {
    expect(mask({ headers: { authorization } }).request.headers).toEqual([
      `authorization: ${shown}`,
    ])
  })

  it('shows the names of cookies alone, and no field that it does not know', () => {
    const { request, answer } = mask({
      headers: { cookie: `idx=${token}; sid=abc`, 'x-secret': 'opensesame' },
      answerHeaders: { 'Set-Cookie': 'idx=opensesame; Path=/; HttpOnly', 'X-Secret': 'opensesame' },
    })
    expect(request.headers).toEqual(['cookie: idx=••••••; sid=••••••'])
    expect(answer.headers).toEqual(['set-cookie: idx=••••••; Path=/; HttpOnly'])
  })

  it('sweeps signed tokens out of what is shown otherwise', () => {
    expect(json({ error_description: `The token ${token} is over.` })).not.toContain('.eyJ')
    const challenge = { 'WWW-Authenticate': `Bearer error_description="${token}"` }
    expect(mask({ answerHeaders: challenge }).answer.headers[0]).not.toContain('.eyJ')
  })

  it('tells of a page its title and the names of its hidden fields', () => {
    const { answer } = mask({
      answerHeaders: { 'Content-Type': 'text/html; charset=utf-8' },
      answer: `<title>One moment</title><input type="hidden" name="code" value="opensesame">`,
    })
    expect(answer.body).toBe('(a page: One moment, with code)')
  })

  it.each([
    ['{"broken": "opensesame"', 'application/json'],
    ['opensesame', 'text/plain'],
    ['opensesame', ''],
  ])('shows nothing of a body that it cannot read: %s', (body, type) => {
    expect(mask({ body, headers: { 'content-type': type } }).request.body).toBe('••••••')
  })
})
