import type { SnippetName } from './code/snippets.ts'
import type { Condition, FlowAnswers } from './questions.ts'

/** A flow, by the name of its grant where it has one. */
export type Flow =
  | 'authorization_code'
  | 'client_credentials'
  | 'token_exchange'
  | 'jwt_bearer'
  | 'saml2_bearer'
  | 'device_code'
  | 'ciba'
  | 'interaction_code'
  | 'direct_authentication'
  | 'password'
  | 'authentication_api'
  | 'implicit'
  | 'refresh_token'

/** A kind of token. `session` is Okta's one-time session token, which is no OAuth token. */
export type FlowToken = 'access' | 'id' | 'refresh' | 'session'

/** The older documents of Okta whose answers are remembered, by their titles. */
export const documents = {
  overview: 'Okta Authentication Overview',
  choosing: 'Choose an OAuth 2.0 Flow',
  oauth: 'OAuth 2.0 Overview',
  direct: 'Direct authentication',
  grants: 'Configure direct authentication grant types',
} as const

/** What each of them answers, where it does. */
export type FormerAnswers = { readonly [D in keyof typeof documents]?: string }

/** A row of the decision table. */
export interface Row {
  readonly number: number
  readonly flow: Flow
  readonly title: string
  readonly when: Condition
  /** All tokens that the flow can give. */
  readonly tokens: readonly FlowToken[]
  /** How the client proves itself; `by-client`: with a key where it can keep one. */
  readonly authentication: 'key' | 'key-or-secret' | 'none' | 'by-client' | 'as-before'
  readonly because: string
  readonly formerly: FormerAnswers
  readonly code: SnippetName
  /** Answers that lead here. */
  readonly example: FlowAnswers
}
