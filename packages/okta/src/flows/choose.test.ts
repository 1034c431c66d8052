import { ConfigurationError } from '@portcullis/core'
import { assert, constantFrom, property, record, type Arbitrary } from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { chooseFlow, type FlowChoice } from './choose.ts'
import { contradictions } from './contradictions.ts'
import { matches, questionNames } from './match.ts'
import { questions, type FlowAnswers } from './questions.ts'
import { rows } from './table.ts'

const refusal = (answers: unknown): string => {
  try {
    // What JavaScript may hand in.
    chooseFlow(answers as FlowAnswers)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  return 'chosen'
}

describe('every row of the table', () => {
  it.each(rows.map((row) => [`${row.number}. ${row.title}`, row] as const))(
    '%s is reached by its own example',
    (_title, { number, title, flow, example }) => {
      expect(chooseFlow(example)).toMatchObject({ row: number, title, flow })
    },
  )

  it('is checked in the order 18, 17, 16, then from the top, 13 and 12 ahead of 11', () => {
    expect(rows.map(({ number }) => number)).toEqual([
      18, 17, 16, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 13, 12, 11, 14, 15,
    ])
  })
})

describe('a choice', () => {
  it('says all that is needed to begin', () => {
    const choice = chooseFlow({ application: 'web', api: 'own', longRunning: true })
    expect(choice).toMatchObject({
      flow: 'authorization_code',
      row: 7,
      server: 'custom',
      clientAuthentication: ['private_key_jwt', 'client_secret_basic'],
      grants: ['authorization_code', 'refresh_token'],
      tokens: ['access', 'id', 'refresh'],
      scopes: ['openid', 'profile', 'offline_access', 'orders:read'],
      warnings: [],
    })
    expect(choice.reasons).toHaveLength(3)
    expect(choice.code).toContain("authorizationServer: 'default'")
    expect(choice.code).toContain("scope: 'openid profile offline_access orders:read'")
  })

  it('takes the org server where somebody only signs in', () => {
    const choice = chooseFlow({ application: 'web' })
    expect(choice).toMatchObject({ server: 'org', tokens: ['access', 'id'] })
    expect(choice.code).toContain("okta({ domain: 'acme.okta.com' })")
  })

  it("takes the org server, and a key alone, for Okta's own APIs", () => {
    expect(chooseFlow({ application: 'service', api: 'okta' })).toMatchObject({
      server: 'org',
      clientAuthentication: ['private_key_jwt'],
      scopes: ['okta.users.read'],
      tokens: ['access'],
    })
  })

  it('registers the grants of the factors that are used, and no others', () => {
    const direct = { application: 'native', redirect: false, trusted: true } as const
    expect(chooseFlow({ ...direct, firstFactor: 'otp', mfa: 'never' }).grants).toEqual([
      'urn:okta:params:oauth:grant-type:otp',
    ])
    expect(chooseFlow({ ...direct, mfa: 'always' }).grants).toEqual([
      'password',
      'http://auth0.com/oauth/grant-type/mfa-oob',
      'http://auth0.com/oauth/grant-type/mfa-otp',
    ])
  })

  it('gives a native application that can keep a key a way to use it', () => {
    const native = { application: 'native', redirect: false, trusted: true } as const
    expect(chooseFlow(native).clientAuthentication).toEqual(['none'])
    const kept = chooseFlow({ ...native, confidential: true })
    expect(kept.clientAuthentication[0]).toBe('private_key_jwt')
    expect(kept.code).toContain('privateKeyJwt(')
  })
})

describe('RFC 9700', () => {
  const sources = (answers: FlowAnswers) => chooseFlow(answers).warnings.map(({ source }) => source)

  test('forbids the password grant', () => {
    const asked = { application: 'web', redirect: false, trusted: true, mfa: 'never' } as const
    const old = { ...asked, engine: 'classic' } as const
    expect(refusal(old)).toMatch(/^chooseFlow\.legacy must be true for the password grant/)
    expect(sources({ ...old, legacy: true })).toEqual(['RFC 9700 §2.4'])
    expect(chooseFlow({ ...asked, legacy: true }).flow).toBe('direct_authentication')
  })

  test('advises against the implicit flow', () => {
    const old = { application: 'browser', oldBrowsers: true } as const
    expect(refusal(old)).toMatch(/^chooseFlow\.legacy must be true for the implicit flow/)
    expect(sources({ ...old, legacy: true })).toEqual(['RFC 9700 §2.1.2'])
  })

  test('has something against the hybrid flow, which two clients replace', () => {
    const choice = chooseFlow({ application: 'web', separateTokens: true })
    expect(choice.warnings.map(({ source }) => source)).toEqual(['RFC 9700 §2.1.2'])
    expect(choice.code).not.toContain('responseType')
  })

  test('wants refresh tokens of public clients bound or rotated, and says nothing of others', () => {
    const rotation = 'RFC 9700 §2.2.2'
    expect(sources({ application: 'browser', longRunning: true })).toContain(rotation)
    expect(sources({ application: 'native', longRunning: true })).toContain(rotation)
    expect(sources({ application: 'browser' })).not.toContain(rotation)
    expect(sources({ application: 'web', longRunning: true })).not.toContain(rotation)
  })

  test('has nothing against services and web applications', () => {
    expect(sources({ application: 'web' })).toEqual([])
    expect(sources({ application: 'service' })).toEqual([])
  })
})

describe('wrong answers name the question', () => {
  it.each([
    [undefined, 'chooseFlow must be an object'],
    [{}, 'chooseFlow.application is missing'],
    [{ application: 'spa' }, 'chooseFlow.application must be "web" or "browser"'],
    [{ application: 'web', redirect: 'no' }, 'chooseFlow.redirect must be true or false'],
    [{ application: 'web', aplication: 1 }, 'did you mean application?'],
    [{ application: 'service', identify: true }, 'chooseFlow.identify must be false'],
    [{ application: 'service', longRunning: true }, 'chooseFlow.longRunning must be false'],
    [
      { application: 'browser', oldBrowsers: true, legacy: true, longRunning: true },
      'chooseFlow.longRunning must be false: implicit gives no refresh token',
    ],
    [{ application: 'service', holds: 'jwt-assertion', identify: true }, 'chooseFlow.identify'],
  ])('%j', (answers, words) => {
    expect(refusal(answers)).toContain(words)
  })

  it.each(contradictions.map((one) => [`${one.question} ${one.because}`, one] as const))(
    '%s',
    (_title, { question, when, because }) => {
      const [first] = cases(when)
      expect(first).toBeDefined()
      expect(refusal(first)).toBe(`chooseFlow.${question} ${because}`)
    },
  )
})

// With what a contradiction may have to come, so that no other is found first.
const surroundings = [
  {},
  { trusted: true },
  { redirect: false },
  { redirect: false, ownPage: 'journey' },
]

/** Answers for which a contradiction is the first to be found. */
function cases(when: (typeof contradictions)[number]['when']): readonly object[] {
  const combine = (names: readonly (keyof typeof when)[]): readonly object[] => {
    const [name, ...rest] = names
    if (name === undefined) return [{}]
    const values: readonly unknown[] = when[name] ?? []
    return combine(rest).flatMap((others) => values.map((value) => ({ ...others, [name]: value })))
  }
  const named = questionNames.filter((name) => name in when)
  const applications = questions.application.answers.map(([application]) => ({ application }))
  return combine(named)
    .flatMap((some) =>
      'application' in some ? [some] : applications.map((a) => ({ ...a, ...some })),
    )
    .flatMap((some) => surroundings.map((others) => ({ ...others, ...some })))
    .filter((some) =>
      refusal(some).endsWith(contradictions.find((c) => c.when === when)?.because ?? '-'),
    )
}

describe('whatever is answered', () => {
  const answers: Arbitrary<FlowAnswers> = record(
    Object.fromEntries(
      questionNames.map((name) => [
        name,
        constantFrom(...questions[name].answers.map(([value]) => value)),
      ]),
    ),
    { requiredKeys: ['application'] },
  )
    // The record has the questions' names and values, which Object.fromEntries forgets.
    .map((given) => given as unknown as FlowAnswers)

  const outcome = (given: FlowAnswers): FlowChoice | string => {
    try {
      return chooseFlow(given)
    } catch (error) {
      if (error instanceof ConfigurationError) return error.message
      throw error
    }
  }

  it('is a choice, or a mistake that names its question', () => {
    const mistake = new RegExp(`^chooseFlow\\.(${questionNames.join('|')}) \\S`)
    assert(
      property(answers, (given) => {
        const found = outcome(given)
        return typeof found !== 'string' || mistake.test(found)
      }),
      { numRuns: 5000 },
    )
  })

  // Which application may use which flow, by the table of registrations.
  const allowed: Readonly<Record<string, readonly string[]>> = {
    authorization_code: ['web', 'browser', 'native'],
    client_credentials: ['web', 'service'],
    token_exchange: ['service'],
    jwt_bearer: ['web', 'service'],
    saml2_bearer: ['web', 'native', 'service'],
    device_code: ['native'],
    ciba: ['web'],
    interaction_code: ['web', 'browser', 'native'],
    direct_authentication: ['web', 'native'],
    password: ['web', 'native'],
    authentication_api: ['web', 'browser', 'native'],
    implicit: ['browser'],
    refresh_token: ['web', 'browser', 'native', 'service'],
  }

  const brokenRules = (given: FlowAnswers, choice: FlowChoice): readonly string[] => {
    const { flow, server, scopes, tokens, clientAuthentication } = choice
    const isPublic = given.application === 'browser'
    const rules: readonly (readonly [string, boolean])[] = [
      ['the registration allows it', allowed[flow]?.includes(given.application) === true],
      ['there is an access token', tokens.includes('access')],
      ['openid and ID token', tokens.includes('id') === scopes.includes('openid')],
      [
        'offline_access and refresh',
        tokens.includes('refresh') === scopes.includes('offline_access'),
      ],
      ["Okta's scopes", !(scopes.includes('okta.users.read') && server === 'custom')],
      ['our scopes', !(scopes.includes('orders:read') && server === 'org')],
      ['implicit has no refresh', !(flow === 'implicit' && tokens.includes('refresh'))],
      ['no key in a page', !(isPublic && clientAuthentication.includes('private_key_jwt'))],
      ['legacy', !['implicit', 'password'].includes(flow) || given.legacy === true],
    ]
    return rules.filter(([, holds]) => !holds).map(([name]) => name)
  }

  it('is possible at Okta, and keeps the rules of the tokens', () => {
    let choices = 0
    assert(
      property(answers, (given) => {
        const found = outcome(given)
        if (typeof found === 'string') return
        choices += 1
        const broken = brokenRules(given, found)
        if (broken.length > 0) throw new Error(broken.join(', '))
      }),
      { numRuns: 20_000 },
    )
    expect(choices).toBeGreaterThan(200)
  })
})

test('a condition holds where each of its questions has one of its answers', () => {
  const known = { application: 'web', redirect: false } as const
  expect(matches({}, known)).toBe(true)
  expect(matches({ application: ['web', 'native'], redirect: [false] }, known)).toBe(true)
  expect(matches({ application: ['native'] }, known)).toBe(false)
  expect(matches({ user: ['here'] }, known)).toBe(false)
})
