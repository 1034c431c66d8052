/** What is known about an application, every question answered. */
export interface FlowFacts {
  /** The `application_type` of its registration. */
  readonly application: 'web' | 'browser' | 'native' | 'service'
  /** Where the user is, if there is one. Default `none` for a service, otherwise `here`. */
  readonly user: 'none' | 'here' | 'other-device' | 'on-phone'
  /** Whether it can keep a secret from whoever uses it. Default true for `web` and `service`. */
  readonly confidential: boolean
  /** Whether application and data have the same owner, and users may well hand it their credentials. Default false. */
  readonly trusted: boolean
  /** Whether a browser may go to Okta's sign-in page and come back. Default true. */
  readonly redirect: boolean
  /** Without a redirect: what your own page must be able to do. Default `credentials`. */
  readonly ownPage: 'credentials' | 'journey' | 'okta-session'
  /** Which of its engines the Okta org has. Default `identity`. */
  readonly engine: 'identity' | 'classic'
  /** Whether a second factor is asked for. Default `by-policy`. */
  readonly mfa: 'never' | 'by-policy' | 'always'
  /** Without a redirect: what users begin with. Default `password`. */
  readonly firstFactor: 'password' | 'otp' | 'oob' | 'webauthn'
  /** What the application holds already. Default `nothing`. */
  readonly holds: 'nothing' | 'access-token' | 'jwt-assertion' | 'saml-assertion' | 'refresh-token'
  /** Whether it must know who the user is. Default true where there is a user and nothing is held yet. */
  readonly identify: boolean
  /** Whose API the access token is for. Default `none` where a user only has to be identified, otherwise `own`. */
  readonly api: 'none' | 'own' | 'okta'
  /** Whether it goes on when the access token has expired. Default true with a refresh token in hand, otherwise false. */
  readonly longRunning: boolean
  /** Whether front end and back end must hold different tokens. Default false. */
  readonly separateTokens: boolean
  /** Whether it must run in browsers without Web Crypto or CORS. Default false. */
  readonly oldBrowsers: boolean
  /** Whether a flow may be named that RFC 9700 rules out. Default false. */
  readonly legacy: boolean
}

/** A question of the chooser. */
export type FlowQuestion = keyof FlowFacts

/** What an application is like: only `application` must be answered. */
export type FlowAnswers = Pick<FlowFacts, 'application'> & Partial<FlowFacts>

/** Answers that are known by now. */
export type Known = Readonly<Partial<Record<FlowQuestion, string | boolean>>>

/** Holds where each of these questions has one of these answers. */
export type Condition = { readonly [Q in FlowQuestion]?: readonly FlowFacts[Q][] }

interface Answered<Q extends FlowQuestion> {
  readonly asks: string
  /** Each answer, and what it means. */
  readonly answers: readonly (readonly [value: FlowFacts[Q], means: string])[]
  /** The first whose condition holds; none: the question must be answered. */
  readonly defaults: readonly { readonly when?: Condition; readonly value: FlowFacts[Q] }[]
}

const yesOrNo = [
  [true, 'yes'],
  [false, 'no'],
] as const

/** The questions, in the order in which they are worth asking. */
export const questions: { readonly [Q in FlowQuestion]: Answered<Q> } = {
  application: {
    asks: 'What kind of application is it?',
    answers: [
      ['web', 'pages that a server makes'],
      ['browser', 'a single-page application'],
      ['native', 'on a phone, a desktop, a device'],
      ['service', 'a service'],
    ],
    defaults: [],
  },
  holds: {
    asks: 'What does it hold already?',
    answers: [
      ['nothing', 'nothing'],
      ['access-token', "a user's access token, and it must call another API"],
      ['jwt-assertion', 'a JWT of an issuer that Okta trusts'],
      ['saml-assertion', 'a SAML assertion'],
      ['refresh-token', 'a refresh token: the access token must be renewed'],
    ],
    defaults: [{ value: 'nothing' }],
  },
  user: {
    asks: 'Where is the user?',
    answers: [
      ['none', 'there is none'],
      ['here', 'at the application'],
      ['other-device', 'at another device, because this one has no keyboard or no browser'],
      ['on-phone', 'elsewhere, with a phone to approve on: a call centre, a counter'],
    ],
    defaults: [{ when: { application: ['service'] }, value: 'none' }, { value: 'here' }],
  },
  confidential: {
    asks: 'Can it keep a secret?',
    answers: yesOrNo,
    defaults: [{ when: { application: ['web', 'service'] }, value: true }, { value: false }],
  },
  redirect: {
    asks: "May a browser go to Okta's sign-in page and come back?",
    answers: yesOrNo,
    defaults: [{ value: true }],
  },
  engine: {
    asks: 'Which engine has the Okta org?',
    answers: [
      ['identity', 'Identity Engine'],
      ['classic', 'Classic Engine'],
    ],
    defaults: [{ value: 'identity' }],
  },
  ownPage: {
    asks: 'What must your own sign-in page be able to do?',
    answers: [
      ['credentials', 'sign in'],
      ['journey', 'whatever the policy asks: enrol, recover, social login'],
      ['okta-session', "begin Okta's own session, for single sign-on"],
    ],
    defaults: [{ value: 'credentials' }],
  },
  trusted: {
    asks: 'Have application and data the same owner, and do users trust it with their credentials?',
    answers: yesOrNo,
    defaults: [{ value: false }],
  },
  mfa: {
    asks: 'Is a second factor asked for?',
    answers: [
      ['never', 'never'],
      ['by-policy', 'the policy decides'],
      ['always', 'always'],
    ],
    defaults: [{ value: 'by-policy' }],
  },
  firstFactor: {
    asks: 'What do users begin with?',
    answers: [
      ['password', 'a password'],
      ['otp', 'a one-time password'],
      ['oob', 'a push, or a code that is sent'],
      ['webauthn', 'a passkey'],
    ],
    defaults: [{ value: 'password' }],
  },
  identify: {
    asks: 'Must it know who the user is?',
    answers: yesOrNo,
    defaults: [
      { when: { user: ['here', 'other-device', 'on-phone'], holds: ['nothing'] }, value: true },
      { value: false },
    ],
  },
  api: {
    asks: 'Whose API does it call?',
    answers: [
      ['none', 'none'],
      ['own', 'yours'],
      ['okta', "Okta's"],
    ],
    defaults: [
      {
        when: { user: ['here', 'other-device', 'on-phone'], holds: ['nothing'], identify: [true] },
        value: 'none',
      },
      { value: 'own' },
    ],
  },
  longRunning: {
    asks: 'Does it go on when the access token has expired?',
    answers: yesOrNo,
    defaults: [{ when: { holds: ['refresh-token'] }, value: true }, { value: false }],
  },
  separateTokens: {
    asks: 'Must front end and back end hold different tokens?',
    answers: yesOrNo,
    defaults: [{ value: false }],
  },
  oldBrowsers: {
    asks: 'Must it run in browsers without Web Crypto or CORS?',
    answers: yesOrNo,
    defaults: [{ value: false }],
  },
  legacy: {
    asks: 'May it be a flow that RFC 9700 rules out?',
    answers: yesOrNo,
    defaults: [{ value: false }],
  },
}
