import { describe, expect, test } from 'vitest'
import { createTokenIssuer } from '@portcullis/testkit'
import { createGuard } from '../../guard/create.ts'
import { jwt } from './jwt.ts'

// Tokens as they really arrive: an ID token is for the client and not for the API, and a token of an
// Okta org server names the org server, which no guard can trust.
const issuer = createTokenIssuer({ algorithm: 'EdDSA' })
const { issuer: url, audience, jwks } = issuer.guardOptions
const verifier = jwt({ issuers: [{ issuer: url, audience, jwks }] })

const refused = (token: string): unknown => {
  try {
    return verifier.verify(token)
  } catch (error) {
    return error
  }
}

const idToken = {
  aud: 'client-1',
  nonce: 'n-1',
  at_hash: 'hash',
  client_id: undefined,
  scope: undefined,
}

describe('an ID token in the place of an access token', () => {
  test.each([
    ['plain', {}],
    ['for several audiences, this API not among them', { aud: ['client-1', 'client-2'] }],
  ])('is called an ID token, although its audience is the client: %s', async (_what, claims) => {
    const token = await issuer.issueToken({ ...idToken, ...claims }, { typ: 'JWT' })
    expect(refused(token)).toMatchObject({
      code: 'token_type_refused',
      reason: expect.stringContaining('an ID token'),
    })
  })

  test('an access token for another audience is still refused for its audience', async () => {
    const token = await issuer.issueToken({ aud: 'client-1' }, { typ: 'JWT' })
    expect(refused(token)).toMatchObject({ code: 'token_audience_refused' })
  })
})

describe('an access token of an Okta org server, which names the org server as its issuer', () => {
  const org = 'https://acme.okta.com'
  const header = { typ: 'application/okta-internal-at+jwt' }

  test.each([
    ['one issuer', createGuard({ issuer: `${org}/oauth2/default`, audience: 'api://default' })],
    ['a resolver', createGuard({ issuers: () => undefined })],
    ['a resolver that waits', createGuard({ issuers: async () => undefined })],
  ])('is refused with why, and what to do instead, by a guard with %s', async (_what, guard) => {
    const token = await issuer.issueToken({ iss: org, aud: org }, header)
    const verdict = await guard.check({
      method: 'GET',
      url: 'https://api.test/',
      header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined),
      form: () => Promise.resolve(new URLSearchParams()),
    })
    expect(verdict).toMatchObject({ granted: false, refusal: { code: 'token_unverifiable' } })
    const reason = verdict.granted ? '' : verdict.refusal.reason
    expect(reason).toContain('org authorization server')
    expect(reason).toContain('/oauth2/default')
  })
})
