import { describe, expect, it } from 'vitest'
import { meetsAcr, oktaAcr, readStepUp } from './step-up.ts'

const answer = (status: number, field?: string) => ({
  status,
  headers: new Headers(field === undefined ? {} : { 'www-authenticate': field }),
})

describe('readStepUp', () => {
  it('reads the challenge of RFC 9470', () => {
    const field =
      'Bearer error="insufficient_user_authentication", error_description="A stronger login, \\"please\\"", acr_values="urn:okta:loa:2fa:any phr", max_age="900"'
    expect(readStepUp(answer(401, field))).toEqual({
      acrValues: ['urn:okta:loa:2fa:any', 'phr'],
      maxAge: 900,
      description: 'A stronger login, "please"',
    })
  })

  it('reads the one of the MyAccount API, with its status, spelling and bare value', () => {
    const field =
      'Bearer realm="IdpMyAccountAPI", error="insufficient_authentication_context", error_description="The access token requires additional assurance", max_age=900, acr_values="urn:okta:loa:2fa:any:ifpossible"'
    expect(readStepUp(answer(403, field))).toMatchObject({
      acrValues: ['urn:okta:loa:2fa:any:ifpossible'],
      maxAge: 900,
    })
  })

  it('finds it among several challenges, in any order', () => {
    const field =
      'DPoP algs="ES256", error="use_dpop_nonce", Bearer max_age=0, acr_values=phr, error=insufficient_user_authentication'
    expect(readStepUp(answer(401, field))).toMatchObject({ acrValues: ['phr'], maxAge: 0 })
  })

  it.each([
    ['another error', answer(401, 'Bearer error="invalid_token", acr_values="phr"')],
    ['no challenge', answer(401)],
    ['another status', answer(200, 'Bearer error="insufficient_user_authentication"')],
    ['a field without end', answer(401, `Bearer error="${'x'.repeat(9000)}"`)],
    [
      'the words in a description',
      answer(401, 'Bearer error_description="error=insufficient_user_authentication"'),
    ],
  ])('finds nothing in %s', (_what, given) => {
    expect(readStepUp(given)).toBeUndefined()
  })

  it('says nothing about what the API did not say', () => {
    const given = answer(401, 'Bearer error=insufficient_user_authentication, max_age=soon')
    expect(readStepUp(given)).toEqual({
      acrValues: [],
      maxAge: undefined,
      description: undefined,
    })
  })

  it('reads a hostile field in no time', () => {
    const field = `Bearer ${'a="\\'.repeat(1000)}${' '.repeat(3000)}`
    const start = performance.now()
    readStepUp(answer(401, field))
    expect(performance.now() - start).toBeLessThan(200)
  })
})

describe('meetsAcr', () => {
  it.each([
    [oktaAcr.twoFactors, oktaAcr.oneFactor, true],
    [oktaAcr.twoFactors, oktaAcr.twoFactorsIfPossible, true],
    [oktaAcr.password, oktaAcr.oneFactor, true],
    [oktaAcr.phishingResistantHardware, oktaAcr.phishingResistant, true],
    [oktaAcr.oneFactor, oktaAcr.twoFactors, false],
    [oktaAcr.phishingResistant, oktaAcr.twoFactors, false],
    [oktaAcr.phishingResistant, oktaAcr.phishingResistantHardware, false],
    [oktaAcr.twoFactorsIfPossible, oktaAcr.twoFactors, false],
    ['something', 'something', true],
    [undefined, oktaAcr.oneFactor, false],
  ])('%s for %s: %s', (acr, wanted, meets) => {
    expect(meetsAcr(acr, [wanted])).toBe(meets)
  })
})
