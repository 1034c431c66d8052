import type { Condition, FlowQuestion } from './questions.ts'

/** Answers that exclude each other. */
export interface Contradiction {
  /** The question to answer otherwise. */
  readonly question: FlowQuestion
  readonly when: Condition
  /** Goes on after the name of the question. */
  readonly because: string
}

const held = ['access-token', 'jwt-assertion', 'saml-assertion', 'refresh-token'] as const

/** All of them, in the order in which they are looked for. */
export const contradictions: readonly Contradiction[] = [
  {
    question: 'confidential',
    when: { application: ['browser'], confidential: [true] },
    because: 'must be false: whoever opens the page can read whatever is in it',
  },
  {
    question: 'confidential',
    when: { application: ['web', 'service'], confidential: [false] },
    because: "must be true on a server; what cannot keep a secret is 'browser' or 'native'",
  },
  {
    question: 'user',
    when: { application: ['service'], user: ['here', 'other-device', 'on-phone'] },
    because:
      "must be 'none': Okta's services have no users; what users see is 'web', 'browser' or 'native'",
  },
  {
    question: 'user',
    when: { application: ['browser', 'native'], user: ['none'] },
    because: "must not be 'none': Okta lets only 'web' and 'service' act in their own name",
  },
  {
    question: 'user',
    when: { application: ['web', 'browser'], user: ['other-device'] },
    because: "must not be 'other-device': Okta gives device codes to 'native' alone",
  },
  {
    question: 'user',
    when: { application: ['browser', 'native'], user: ['on-phone'] },
    because: "must not be 'on-phone': only 'web' may use CIBA",
  },
  {
    question: 'engine',
    when: { user: ['on-phone'], engine: ['classic'] },
    because: "must be 'identity': there is no CIBA in Classic Engine",
  },
  {
    question: 'mfa',
    when: { user: ['none'], mfa: ['always'] },
    because: "must not be 'always' where there is no user",
  },
  {
    question: 'application',
    when: { holds: ['access-token'], application: ['web', 'browser', 'native'] },
    because: "must be 'service': Okta exchanges a user's token for services alone",
  },
  {
    question: 'holds',
    when: { holds: ['jwt-assertion'], application: ['browser', 'native'] },
    because: "must not be 'jwt-assertion': only 'web' and 'service' may trade it",
  },
  {
    question: 'holds',
    when: { holds: ['saml-assertion'], confidential: [false] },
    because: "must not be 'saml-assertion' where no secret can be kept",
  },
  {
    question: 'engine',
    when: { holds: ['saml-assertion'], engine: ['identity'] },
    because: "must be 'classic': Identity Engine takes no SAML assertions for tokens",
  },
  {
    question: 'api',
    when: { holds: ['access-token', 'jwt-assertion'], api: ['none', 'okta'] },
    because: "must be 'own': only custom authorization servers trade such tokens",
  },
  {
    question: 'api',
    when: { user: ['none'], holds: ['nothing'], api: ['none'] },
    because: "must be 'own' or 'okta': without a user, a token for an API is all there is to get",
  },
  {
    question: 'application',
    when: { application: ['web'], user: ['none'], holds: ['nothing'], api: ['okta'] },
    because: "must be 'service': Okta's own APIs take client credentials of services alone",
  },
  {
    question: 'identify',
    when: {
      user: ['here', 'other-device', 'on-phone'],
      holds: ['nothing'],
      identify: [false],
      api: ['none'],
    },
    because: 'must be true where no API is called: nothing would be left to ask for',
  },
  {
    question: 'identify',
    when: { user: ['on-phone'], holds: ['nothing'], identify: [false] },
    because: 'must be true: CIBA always asks for an ID token',
  },
  {
    question: 'ownPage',
    when: { redirect: [true], ownPage: ['journey', 'okta-session'] },
    because: 'is for a sign-in page of your own: answer redirect: false with it',
  },
  {
    question: 'firstFactor',
    when: { redirect: [true], firstFactor: ['otp', 'oob', 'webauthn'] },
    because: "is Okta's to ask for where redirect is true",
  },
  {
    question: 'firstFactor',
    when: { ownPage: ['journey', 'okta-session'], firstFactor: ['otp', 'oob', 'webauthn'] },
    because: "is the policy's to ask for unless ownPage is 'credentials'",
  },
  {
    question: 'firstFactor',
    when: { redirect: [false], engine: ['classic'], firstFactor: ['otp', 'oob', 'webauthn'] },
    because: "must be 'password': Classic Engine has no direct authentication",
  },
  {
    question: 'application',
    when: {
      user: ['here'],
      redirect: [false],
      engine: ['identity'],
      ownPage: ['credentials'],
      application: ['browser'],
    },
    because:
      "must not be 'browser': direct authentication takes an application that users can trust with their credentials, or a back end",
  },
  {
    question: 'trusted',
    when: { user: ['here'], redirect: [false], ownPage: ['credentials'], trusted: [false] },
    because:
      'must be true without a redirect: the application sees the credentials. Where it is not, answer redirect: true',
  },
  {
    question: 'legacy',
    when: {
      user: ['here'],
      redirect: [false],
      engine: ['classic'],
      ownPage: ['credentials'],
      mfa: ['never'],
      confidential: [true],
      legacy: [false],
    },
    because:
      "must be true for the password grant, which RFC 9700 §2.4 forbids. Better: redirect: true, or ownPage: 'okta-session'",
  },
  {
    question: 'separateTokens',
    when: { separateTokens: [true], application: ['browser', 'native', 'service'] },
    because: "takes a front end and a back end: it is for 'web'",
  },
  {
    question: 'separateTokens',
    when: { separateTokens: [true], user: ['none', 'other-device', 'on-phone'] },
    because: 'is for users who sign in at the application',
  },
  {
    question: 'separateTokens',
    when: { separateTokens: [true], redirect: [false] },
    because: 'takes a redirect: each client asks for a code of its own',
  },
  {
    question: 'separateTokens',
    when: { separateTokens: [true], holds: held },
    because: 'is a question for the flow that gives the first token',
  },
  {
    question: 'oldBrowsers',
    when: { oldBrowsers: [true], application: ['web', 'native', 'service'] },
    because: "is for 'browser': with a back end, any browser will do",
  },
  {
    question: 'oldBrowsers',
    when: { oldBrowsers: [true], redirect: [false] },
    because: 'takes a redirect: without one, the page would need CORS',
  },
  {
    question: 'oldBrowsers',
    when: { oldBrowsers: [true], holds: held },
    because: 'is a question for the flow that gives the first token',
  },
  {
    question: 'legacy',
    when: { oldBrowsers: [true], legacy: [false] },
    because:
      "must be true for the implicit flow, which RFC 9700 §2.1.2 advises against. Better: a back end, application: 'web'",
  },
]
