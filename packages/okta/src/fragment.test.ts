import {
  ConfigurationError,
  createIdTokenCheck,
  createIssuer,
  createSignedReader,
  type IdTokenCheck,
} from '@portcullis/core'
import { createBrowser, createOkta, type Okta } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFragment, type ExpectedFragment, type FragmentResponseType } from './fragment.ts'

let org: Okta
let checkIdToken: IdTokenCheck
beforeAll(async () => {
  org = await createOkta()
  const issuer = createIssuer({ issuer: org.servers.default.issuer })
  const readSigned = createSignedReader({ issuer })
  checkIdToken = createIdTokenCheck({ clientId: org.app('web').clientId, issuer, readSigned })
})
afterAll(() => org.close())

const [state, nonce] = ['the-state-of-the-attempt', 'the-nonce-of-the-attempt']
const callback = 'http://127.0.0.1:9/cb'

/** Where Okta sends the browser after a login. */
async function answerTo(
  type: FragmentResponseType,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const parameters = new URLSearchParams({
    client_id: org.app('web').clientId,
    redirect_uri: callback,
    response_type: type,
    scope: 'openid profile',
    state,
    nonce,
    ...more,
  })
  const browser = createBrowser()
  const url = `${org.servers.default.base}/v1/authorize?${parameters.toString()}`
  const page = await browser.open(url, { until: callback })
  if (page.status === 0) return page.url
  const fields = { username: 'alice', password: 'password' }
  return (await browser.submit(page, fields, { until: callback })).url
}

const fragmentOf = async (...request: Parameters<typeof answerTo>): Promise<string> =>
  new URL(await answerTo(...request)).hash

const read = (source: unknown, more: Partial<ExpectedFragment> = {}) =>
  // From a browser anything may come.
  readFragment(source as string, { state, nonce, checkIdToken, ...more })

const failureOf = (source: string): Promise<unknown> =>
  read(source).then(
    () => {
      throw new Error('it was taken')
    },
    (failure: unknown) => failure,
  )

describe('an answer of the emulated org', () => {
  it('brings an ID token that was checked, and the access token that it was made for', async () => {
    const answer = await read(await fragmentOf('id_token token'))
    expect(answer).toMatchObject({
      claims: { sub: org.user('alice').id, nonce },
      expiresIn: 3600,
      scope: 'openid profile',
      code: undefined,
    })
    expect(answer.accessToken).toMatch(/^ey/)
  })

  it.each([
    ['id_token', { code: undefined, accessToken: undefined }],
    ['code id_token', { code: expect.any(String), accessToken: undefined }],
    ['code id_token token', { code: expect.any(String), accessToken: expect.any(String) }],
  ] as const)('brings what %s stands for', async (responseType, brought) => {
    expect(await read(await fragmentOf(responseType), { responseType })).toMatchObject(brought)
  })

  it('may come as the message of okta_post_message', async () => {
    const message = Object.fromEntries(
      new URLSearchParams((await fragmentOf('id_token token')).slice(1)),
    )
    expect(await read(message)).toMatchObject({ claims: { sub: org.user('alice').id } })
  })

  it('may be a refusal', async () => {
    const refused = read(await fragmentOf('id_token token', { prompt: 'none' }))
    await expect(refused).rejects.toMatchObject({ code: 'login_interaction_needed' })
  })
})

describe('is refused:', () => {
  const changed = async (change: (fields: URLSearchParams) => void): Promise<string> => {
    const fields = new URLSearchParams((await fragmentOf('id_token token')).slice(1))
    change(fields)
    return `#${fields.toString()}`
  }

  it('the state of somebody else, before anything else is looked at', async () => {
    const foreign = await changed((fields) => fields.set('state', 'of-somebody-else'))
    await expect(read(foreign)).rejects.toMatchObject({ code: 'login_unknown' })
    await expect(read('#error=access_denied')).rejects.toMatchObject({ code: 'login_unknown' })
  })

  it('the nonce of another attempt', async () => {
    const fragment = await fragmentOf('id_token token')
    const another = read(fragment, { nonce: 'of-another-attempt' })
    await expect(another).rejects.toMatchObject({ code: 'id_token_refused' })
  })

  it('an access token that was put in the place of the right one', async () => {
    const swapped = await changed((fields) => fields.set('access_token', 'of-somebody-else'))
    await expect(read(swapped)).rejects.toMatchObject({ code: 'id_token_refused' })
  })

  it('a code that was put in the place of the right one', async () => {
    const fields = new URLSearchParams((await fragmentOf('code id_token')).slice(1))
    fields.set('code', 'of-somebody-else')
    const swapped = read(fields.toString(), { responseType: 'code id_token' })
    await expect(swapped).rejects.toMatchObject({ code: 'id_token_refused' })
  })

  it('an ID token whose signature does not fit', async () => {
    const forged = await changed((fields) => {
      const [head, , signature] = (fields.get('id_token') ?? '').split('.')
      const claims = Buffer.from(JSON.stringify({ sub: 'bob', nonce })).toString('base64url')
      fields.set('id_token', `${head}.${claims}.${signature}`)
    })
    await expect(read(forged)).rejects.toMatchObject({ code: 'id_token_refused' })
  })

  it.each([
    ['without an ID token', (fields: URLSearchParams) => fields.delete('id_token')],
    ['without the access token', (fields: URLSearchParams) => fields.delete('access_token')],
    ['with a code', (fields: URLSearchParams) => fields.set('code', 'x')],
    ['with two ID tokens', (fields: URLSearchParams) => fields.append('id_token', 'x')],
    ['with another type of token', (fields: URLSearchParams) => fields.set('token_type', 'DPoP')],
  ])('an answer %s', async (_what, change) => {
    await expect(read(await changed(change))).rejects.toMatchObject({
      code: 'login_answer_invalid',
    })
  })

  it('an answer that brings more than was asked for', async () => {
    const more = read(await fragmentOf('id_token token'), { responseType: 'id_token' })
    await expect(more).rejects.toMatchObject({ trail: { check: 'access_token' } })
  })

  it.each([undefined, null, 7, 'x'.repeat(70_000)])('%j', async (source) => {
    await expect(read(source)).rejects.toMatchObject({ code: 'login_answer_invalid' })
  })

  it.each([
    ['access_denied', 'login_denied', 400],
    ['unmet_authentication_requirements', 'login_unmet', 400],
    ['temporarily_unavailable', 'endpoint_failed', 503],
    ['<script>\u0007', 'login_request_refused', 400],
  ])('the error %s, as %s', async (presented, code, status) => {
    const fragment = `#${new URLSearchParams({ state, error: presented }).toString()}`
    const failure = await failureOf(fragment)
    expect(failure).toMatchObject({ code, status })
    expect(String(Reflect.get(Object(failure), 'reason'))).not.toContain('\u0007')
  })

  it('and nothing that was brought is said again', async () => {
    const fragment = await changed((fields) => fields.set('token_type', 'none'))
    const failure = await failureOf(fragment)
    const token = new URLSearchParams(fragment.slice(1)).get('access_token') ?? ''
    expect(token).not.toBe('')
    expect(JSON.stringify([failure, String(failure)])).not.toContain(token)
  })
})

it.each([{ state: '' }, { nonce: undefined }, { responseType: 'token' }, { fragment: '' }])(
  '%j is a mistake',
  async (more) => {
    // From JavaScript anything may come.
    const wrong = read('#', more as Partial<ExpectedFragment>)
    await expect(wrong).rejects.toBeInstanceOf(ConfigurationError)
  },
)
