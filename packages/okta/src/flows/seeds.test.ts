import { describe, expect, it, test } from 'vitest'
import { chooseFlow } from './choose.ts'
import type { FlowAnswers } from './questions.ts'
import { documents } from './row.ts'

// The questions and answers of the old documents, and what has become of them. A quotation is followed
// by the answers that say the same here.

const said = (answers: FlowAnswers, document: string): string | undefined =>
  chooseFlow(answers).formerly.find((one) => one.document === document)?.flow

const passwordWorld = {
  application: 'web',
  trusted: true,
  redirect: false,
  engine: 'classic',
  mfa: 'never',
  legacy: true,
} as const

describe('002_3b6d97ad0cad5a52.txt: three steps', () => {
  const steps: readonly (readonly [string, FlowAnswers, string, string])[] = [
    [
      'trusted environment, human interaction: "use password flow"',
      passwordWorld,
      'resource owner password',
      'password',
    ],
    [
      'trusted environment, no human interaction: "use client credentials"',
      { application: 'service', trusted: true },
      'client credentials',
      'client_credentials',
    ],
    [
      'validate the user\'s credentials: "Authorization code flow"',
      { application: 'web' },
      'authorization code',
      'authorization_code',
    ],
    [
      '"Implicit flow: For browser-based apps (JavaScript) with no back-end component"',
      { application: 'browser' },
      'implicit',
      'authorization_code',
    ],
    [
      '"Hybrid flow: … receiving tokens independent of each other"',
      { application: 'web', separateTokens: true },
      'hybrid',
      'authorization_code',
    ],
    [
      '"simply want to refresh an existing token"',
      { application: 'web', holds: 'refresh-token' },
      'refresh token',
      'refresh_token',
    ],
    [
      '"If your authentication doesn\'t follow the OAuth 2.0 or OpenID Connect model"',
      { application: 'web', redirect: false, engine: 'classic', ownPage: 'okta-session' },
      'Authentication API',
      'authentication_api',
    ],
  ]

  it.each(steps)('%s', (_quotation, answers, formerly, flow) => {
    expect(said(answers, documents.overview)).toBe(formerly)
    expect(chooseFlow(answers).flow).toBe(flow)
  })

  test('"A flow is an OpenID Connect flow if the authentication request contains" openid', () => {
    expect(chooseFlow({ application: 'web' }).scopes).toContain('openid')
    const plain = chooseFlow({ application: 'web', identify: false, api: 'own' })
    expect(plain.scopes).not.toContain('openid')
    expect(plain.tokens).not.toContain('id')
  })

  test('response types: `code` gives access and refresh token, and today the ID token too', () => {
    const { tokens } = chooseFlow({ application: 'web', longRunning: true })
    expect(tokens).toEqual(['access', 'id', 'refresh'])
  })

  test('a production org needs API Access Management for custom servers alone', () => {
    const { server, reasons } = chooseFlow({ application: 'web' })
    expect(server).toBe('org')
    expect(reasons.join(' ')).toContain('without API Access Management')
  })
})

describe('003_315da4b6b90ac2bd.txt: factors and flows', () => {
  const columns = {
    code: 'authorization code',
    implicit: 'implicit',
    hybrid: 'hybrid',
    password: 'resource owner password',
    machine: 'client credentials',
  } as const

  interface Factor {
    readonly factor: string
    readonly answers: readonly FlowAnswers[]
    /** "Required" and "Recommended". */
    readonly recommended: readonly string[]
    /** "Not recommended". */
    readonly against: readonly (keyof typeof columns)[]
    /** What is chosen today. */
    readonly today: readonly string[]
  }

  const factors: readonly Factor[] = [
    {
      factor: 'Trusted environment',
      answers: [passwordWorld, { application: 'service', trusted: true }],
      recommended: [columns.password, columns.machine],
      against: ['code', 'implicit'],
      today: ['password', 'client_credentials'],
    },
    {
      factor: 'Service account (no user)',
      answers: [{ application: 'service', user: 'none' }],
      recommended: [columns.machine],
      against: ['code', 'implicit', 'password'],
      today: ['client_credentials'],
    },
    {
      factor: 'Single-Page app',
      answers: [{ application: 'browser' }],
      recommended: [columns.implicit],
      against: ['code', 'password', 'machine'],
      today: ['authorization_code'],
    },
    {
      factor: 'Web app on a server',
      answers: [{ application: 'web' }],
      recommended: [columns.code],
      against: [],
      today: ['authorization_code'],
    },
    {
      factor: 'Mobile (native app)',
      answers: [{ application: 'native' }],
      recommended: ['authorization code with PKCE'],
      against: [],
      today: ['authorization_code'],
    },
    {
      factor: 'Different tokens for front end and back end',
      answers: [{ application: 'web', separateTokens: true }],
      recommended: [columns.hybrid],
      against: [],
      today: ['authorization_code'],
    },
  ]

  it.each(factors)('$factor', ({ answers, recommended, against, today }) => {
    const formerly = answers.map((one) => said(one, documents.choosing))
    expect(formerly).toEqual(recommended)
    for (const column of against) expect(formerly).not.toContain(columns[column])
    expect(answers.map((one) => chooseFlow(one).flow)).toEqual(today)
  })

  test('"Refresh tokens aren\'t a flow", and single-page applications may have them by now', () => {
    const choice = chooseFlow({ application: 'browser', longRunning: true })
    expect(choice.tokens).toContain('refresh')
    expect(choice.warnings.map(({ text }) => text).join(' ')).toContain('rotation')
  })
})

describe('004_554cc33f05bb5045.txt', () => {
  const types: readonly (readonly [string, FlowAnswers, string, string])[] = [
    ['Server-side', { application: 'web' }, 'authorization code', 'authorization_code'],
    [
      'Single-Page Application',
      { application: 'browser' },
      'authorization code with PKCE',
      'authorization_code',
    ],
    [
      "Single-Page Application in older browsers that don't support Web Crypto",
      { application: 'browser', oldBrowsers: true, legacy: true },
      'implicit',
      'implicit',
    ],
    ['Native', { application: 'native' }, 'authorization code with PKCE', 'authorization_code'],
    ['Trusted', passwordWorld, 'resource owner password', 'password'],
    ['Service', { application: 'service' }, 'client credentials', 'client_credentials'],
  ]

  it.each(types)('recommended flow by application type: %s', (_type, answers, formerly, flow) => {
    expect(said(answers, documents.oauth)).toBe(formerly)
    expect(chooseFlow(answers).flow).toBe(flow)
  })

  it.each<readonly [string, FlowAnswers]>([
    ['Authorization Code', { application: 'web' }],
    ['Authorization Code with PKCE', { application: 'native' }],
    ['Implicit', { application: 'browser', oldBrowsers: true, legacy: true }],
    ['Resource Owner Password', passwordWorld],
  ])('%s gives access token and ID token', (_flow, answers) => {
    expect(chooseFlow({ ...answers, identify: true }).tokens).toEqual(['access', 'id'])
  })

  test('Client Credentials gives an access token and no ID token', () => {
    expect(chooseFlow({ application: 'service' }).tokens).toEqual(['access'])
    expect(() => chooseFlow({ application: 'service', identify: true })).toThrow(
      'chooseFlow.identify must be false',
    )
  })

  test('"Is your client public?": single-page and native applications hold no secret', () => {
    for (const application of ['browser', 'native'] as const) {
      expect(chooseFlow({ application }).clientAuthentication).toEqual(['none'])
    }
    expect(() => chooseFlow({ application: 'browser', confidential: true })).toThrow(
      'chooseFlow.confidential must be false',
    )
  })

  test('"Does the client have an end user?": a service has none', () => {
    expect(() => chooseFlow({ application: 'service', user: 'here' })).toThrow(
      "chooseFlow.user must be 'none'",
    )
  })

  test('"Does the resource owner own the client?": only then may it see credentials', () => {
    expect(() => chooseFlow({ ...passwordWorld, trusted: false })).toThrow(
      'chooseFlow.trusted must be true',
    )
  })

  test('"Access tokens issued by the Okta Authorization Server can only be consumed … by Okta"', () => {
    expect(chooseFlow({ application: 'web', api: 'okta' }).server).toBe('org')
    expect(chooseFlow({ application: 'web', api: 'own' }).server).toBe('custom')
  })

  test('"The Client Credentials Flow does not support refresh tokens", nor does implicit', () => {
    const machine = { application: 'service', longRunning: true } as const
    const implicit = { application: 'browser', oldBrowsers: true, legacy: true } as const
    expect(() => chooseFlow(machine)).toThrow('chooseFlow.longRunning must be false')
    expect(() => chooseFlow({ ...implicit, longRunning: true })).toThrow(
      'chooseFlow.longRunning must be false',
    )
  })
})

describe('000_52bc2aff1b410612.txt and 001_8e451e358e933a72.txt: direct authentication', () => {
  const direct = { application: 'native', redirect: false, trusted: true } as const

  test('"in situations where there\'s a high degree of trust between the user and your app"', () => {
    expect(said(direct, documents.grants)).toBe('direct authentication')
    expect(said(direct, documents.direct)).toBe('direct authentication')
    expect(() => chooseFlow({ ...direct, trusted: false })).toThrow('chooseFlow.trusted')
  })

  test('"delegating authentication is preferred": it is warned of', () => {
    const words = chooseFlow(direct).warnings.map(({ text }) => text)
    expect(words.join(' ')).toContain('Prefer a redirect')
  })

  test('"passwordless authentication, such as using Okta Verify, SMS, or signing in with email"', () => {
    expect(chooseFlow({ ...direct, firstFactor: 'oob' })).toMatchObject({ row: 12 })
    expect(chooseFlow({ ...direct, firstFactor: 'oob', mfa: 'always' })).toMatchObject({ row: 13 })
  })

  test('"The app\'s sign-on policy must still be satisfied": the MFA grants are registered', () => {
    expect(chooseFlow(direct).grants).toContain('http://auth0.com/oauth/grant-type/mfa-oob')
  })

  test('Identity Engine alone has it', () => {
    expect(chooseFlow({ ...direct, engine: 'classic' }).flow).toBe('authentication_api')
  })
})
