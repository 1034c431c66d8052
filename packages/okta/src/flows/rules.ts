import type { Condition } from './questions.ts'
import type { Row } from './row.ts'

/** Which authorization server; `as-before`: the one that gave the refresh token. */
export type FlowServer = 'org' | 'custom' | 'as-before'

/** How a client can prove itself, in the words of its registration. */
export type FlowClientAuthentication =
  | 'private_key_jwt'
  | 'client_secret_basic'
  | 'none'
  | 'as-before'

/** What to mind about a flow, and who says so. */
export interface FlowWarning {
  readonly source: string
  readonly text: string
}

/** The first whose condition holds. */
export const servers: readonly {
  readonly when: Condition
  readonly server: FlowServer
  readonly because: string
}[] = [
  {
    when: { holds: ['refresh-token'] },
    server: 'as-before',
    because: 'A refresh token is good only where it was given.',
  },
  {
    when: { api: ['own'] },
    server: 'custom',
    because:
      'Your API validates the access token, so a custom authorization server must give it: one for each audience.',
  },
  {
    when: { api: ['okta'] },
    server: 'org',
    because: 'Only the org authorization server gives `okta.*` scopes.',
  },
  {
    when: {},
    server: 'org',
    because:
      'To sign in, the org authorization server is enough, without API Access Management; its access tokens are for Okta alone.',
  },
]

/** How the client proves itself, the best way first. */
export const authentications: Readonly<
  Record<
    Exclude<Row['authentication'], 'by-client'>,
    { readonly methods: readonly FlowClientAuthentication[]; readonly because: string }
  >
> = {
  key: { methods: ['private_key_jwt'], because: 'Okta takes nothing but a key here.' },
  'key-or-secret': {
    methods: ['private_key_jwt', 'client_secret_basic'],
    because: 'A key is better than a secret: it never travels (RFC 9700 §2.5).',
  },
  none: { methods: ['none'], because: 'A public client has a name, and nothing to prove it with.' },
  'as-before': {
    methods: ['as-before'],
    because: 'The client proves itself as it did for the flow that gave the refresh token.',
  },
}

const direct = { redirect: [false], engine: ['identity'], ownPage: ['credentials'] } as const

/** What the registration must list: those of every condition that holds. */
export const grants: readonly {
  readonly flow: Row['flow']
  readonly when?: Condition
  readonly grants: readonly string[]
}[] = [
  { flow: 'authorization_code', grants: ['authorization_code'] },
  { flow: 'authentication_api', grants: ['authorization_code'] },
  { flow: 'client_credentials', grants: ['client_credentials'] },
  { flow: 'token_exchange', grants: ['urn:ietf:params:oauth:grant-type:token-exchange'] },
  { flow: 'jwt_bearer', grants: ['urn:ietf:params:oauth:grant-type:jwt-bearer'] },
  { flow: 'saml2_bearer', grants: ['urn:ietf:params:oauth:grant-type:saml2-bearer'] },
  { flow: 'device_code', grants: ['urn:ietf:params:oauth:grant-type:device_code'] },
  { flow: 'ciba', grants: ['urn:openid:params:grant-type:ciba'] },
  { flow: 'interaction_code', grants: ['interaction_code'] },
  { flow: 'password', grants: ['password'] },
  { flow: 'implicit', grants: ['implicit'] },
  {
    flow: 'direct_authentication',
    when: { ...direct, firstFactor: ['password'] },
    grants: ['password'],
  },
  {
    flow: 'direct_authentication',
    when: { ...direct, firstFactor: ['otp'] },
    grants: ['urn:okta:params:oauth:grant-type:otp'],
  },
  {
    flow: 'direct_authentication',
    when: { ...direct, firstFactor: ['oob'] },
    grants: ['urn:okta:params:oauth:grant-type:oob'],
  },
  {
    flow: 'direct_authentication',
    when: { ...direct, firstFactor: ['webauthn'] },
    grants: ['urn:okta:params:oauth:grant-type:webauthn'],
  },
  {
    flow: 'direct_authentication',
    when: { ...direct, mfa: ['by-policy', 'always'] },
    grants: [
      'http://auth0.com/oauth/grant-type/mfa-oob',
      'http://auth0.com/oauth/grant-type/mfa-otp',
    ],
  },
]

/** All that hold are given. */
export const warnings: readonly (FlowWarning & {
  readonly rows: readonly number[]
  readonly when?: Condition
})[] = [
  {
    rows: [14],
    source: 'RFC 9700 §2.4',
    text: 'The password grant MUST NOT be used: the application sees every password, and it fails the day the policy wants a second factor.',
  },
  {
    rows: [16],
    source: 'RFC 9700 §2.1.2',
    text: 'The implicit flow SHOULD NOT be used: the access token passes through the browser, where it can leak and be put into the login of another. There is no refresh token.',
  },
  {
    rows: [17],
    source: 'RFC 9700 §2.1.2',
    text: 'Let both clients ask for a code. The hybrid flow that older documents name sends tokens through the browser; only `code id_token` is defensible, and no type with `token` in it.',
  },
  {
    rows: [11, 12, 13],
    source: 'RFC 9700 §2.4',
    text: 'What is said against the password grant holds here too: credentials pass through the application. Prefer a redirect where one is possible.',
  },
  {
    rows: [11, 12, 13],
    when: { application: ['web'] },
    source: 'Okta',
    text: 'The guide registers a native application for direct authentication; whether other types work is not documented.',
  },
  {
    rows: [15],
    source: 'RFC 9700 §2.4',
    text: 'The password passes through the application. Prefer a redirect where one is possible.',
  },
  {
    rows: [15],
    source: 'Okta',
    text: 'The session token is a credential in a URL: good for five minutes, and once. Classic Engine ignores it where the browser has a session already; end that one first.',
  },
  {
    rows: [8],
    source: 'OAuth 2.0 for Browser-Based Applications',
    text: "Tokens in a page are within reach of every script that gets into it. Better keep them in a back end, as the code here does: then register it as application: 'web', with a key.",
  },
  {
    rows: [5, 8, 9, 10, 11, 12, 13, 15],
    when: { confidential: [false], longRunning: [true] },
    source: 'RFC 9700 §2.2.2',
    text: 'Refresh tokens of public clients MUST be bound to a key or rotated: switch rotation on in the registration.',
  },
]
