import { evaluate, readScopes } from '../access-policy.ts'
import { isRegistered, type OktaApp } from '../apps.ts'
import { grants } from '../grants.ts'
import type { Org } from '../org.ts'
import type { Person } from '../people.ts'
import type { Server } from '../servers.ts'
import { oauthError, type Refusal } from '../wire.ts'
import { defaultMode, readMode, type ResponseMode } from './modes.ts'

/** Where an answer goes, good or bad: known before anything else is looked at. */
export interface Destination {
  readonly app: OktaApp
  readonly redirectUri: string
  readonly state: string | null
  readonly mode: ResponseMode
}

/** A request of the browser that holds together. */
export interface AuthorizeRequest extends Destination {
  readonly server: Server
  readonly types: ReadonlySet<string>
  readonly scopes: readonly string[]
  readonly nonce: string | undefined
  readonly challenge: string | undefined
  readonly prompts: ReadonlySet<string>
  readonly maxAge: number | undefined
  readonly acrValues: string | undefined
  /** The identity provider that the client asks for, for whoever has no session. */
  readonly idp: string | undefined
}

/** What cannot be sent back to the client, because nobody knows that it is the client. */
export function readDestination(org: Org, parameters: URLSearchParams): Destination {
  const app = org.apps.get(parameters.get('client_id') ?? '')
  if (app === undefined) throw invalid("Invalid value for 'client_id' parameter.")
  const redirectUri = parameters.get('redirect_uri') ?? ''
  if (!isRegistered(redirectUri, app.redirectUris)) {
    throw invalid(
      "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
    )
  }
  const state = parameters.get('state')
  return { app, redirectUri, state, mode: defaultMode(parameters) }
}

/** Checks everything that does not depend on who signs in. */
export function readRequest(
  server: Server,
  destination: Destination,
  parameters: URLSearchParams,
): AuthorizeRequest {
  const { app, state } = destination
  if (app.applicationType === 'service') {
    throw invalid(
      "Clients with 'application_type' of 'service' are not allowed to access the 'authorize' endpoint.",
    )
  }
  if (state === null || !/^[\w.,-]+$/.test(state)) {
    throw invalid("The authentication request has an invalid 'state' parameter.")
  }
  const types = readTypes(app, parameters)
  const mode = readMode(parameters, types)
  const nonce = readNonce(parameters, types)
  const challenge = readChallenge(app, parameters)
  const scopes = scopesFor(server, app, parameters, types)
  const prompts = readPrompts(parameters)
  const maxAge = readMaxAge(parameters, prompts)
  const acrValues = parameters.get('acr_values') ?? undefined
  const idp = parameters.get('idp') ?? undefined
  const asked = { types, mode, nonce, challenge, scopes, prompts, maxAge, acrValues, idp }
  return { ...destination, server, ...asked }
}

const typeNames = new Set(['code', 'token', 'id_token'])

function readTypes(app: OktaApp, parameters: URLSearchParams): ReadonlySet<string> {
  const types = new Set((parameters.get('response_type') ?? '').split(' ').filter(Boolean))
  const isCode = types.has('code')
  const isFront = types.has('token') || types.has('id_token')
  const isKnown = types.size > 0 && [...types].every((type) => typeNames.has(type))
  const isOn =
    (!isCode || app.grantTypes.includes(grants.code)) &&
    (!isFront || app.grantTypes.includes(grants.implicit))
  if (isKnown && isOn) return types
  const configured = [
    ...(app.grantTypes.includes(grants.code) ? ['code'] : []),
    ...(app.grantTypes.includes(grants.implicit) ? ['id_token', 'token'] : []),
  ]
  throw oauthError(
    400,
    'unsupported_response_type',
    `The response type is not supported by the authorization server. Configured response types: [${configured.join(', ')}].`,
  )
}

function readNonce(parameters: URLSearchParams, types: ReadonlySet<string>): string | undefined {
  const nonce = parameters.get('nonce')
  if (nonce !== null && nonce !== '') return nonce
  if (!types.has('token') && !types.has('id_token')) return undefined
  throw invalid(
    "The 'nonce' parameter is required for authorize requests with either the 'id_token' or 'token' response types..",
  )
}

function readChallenge(app: OktaApp, parameters: URLSearchParams): string | undefined {
  const challenge = parameters.get('code_challenge')
  if (challenge === null) {
    if (!app.pkceRequired) return undefined
    throw invalid('PKCE code challenge is required by the application.')
  }
  if (parameters.get('code_challenge_method') !== 'S256') {
    throw invalid('PKCE code challenge method is not supported. Valid values: [S256]')
  }
  if (!/^[\w-]{43}$/.test(challenge)) {
    throw invalid('PKCE code challenge contains illegal characters.')
  }
  return challenge
}

function scopesFor(
  server: Server,
  app: OktaApp,
  parameters: URLSearchParams,
  types: ReadonlySet<string>,
): readonly string[] {
  const scopes = readScopes(server, app, parameters.get('scope'))
  if (types.has('id_token') && !scopes.includes('openid')) {
    throw oauthError(
      400,
      'invalid_scope',
      "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope.",
    )
  }
  return types.has('code') ? scopes : scopes.filter((scope) => scope !== 'offline_access')
}

const promptNames = ['none', 'login', 'consent', 'enroll_authenticator']

function readPrompts(parameters: URLSearchParams): ReadonlySet<string> {
  const prompts = new Set((parameters.get('prompt') ?? '').split(' ').filter(Boolean))
  const isKnown = [...prompts].every((prompt) => promptNames.includes(prompt))
  if (isKnown && !(prompts.has('none') && prompts.size > 1)) return prompts
  throw invalid(
    `Invalid value for 'prompt' parameter. Supported values: [${promptNames.join(', ')}]`,
  )
}

function readMaxAge(parameters: URLSearchParams, prompts: ReadonlySet<string>): number | undefined {
  const text = parameters.get('max_age')
  if (text === null) return undefined
  if (!/^\d+$/.test(text) || Number(text) >= 2 ** 31) {
    throw invalid("Invalid value for 'max_age' parameter. It should be within range 0 - 2^31-1.")
  }
  if (Number(text) === 0 && prompts.has('none')) {
    throw invalid(
      "'prompt' parameter must not have the value 'none' for request with 'zero' as max_age.",
    )
  }
  return Number(text)
}

/** The access policy, for the grants that the response type stands for. */
export function checkPolicy(request: AuthorizeRequest, person: Person): number {
  const { server, app, scopes, types } = request
  const grantType = types.has('code') ? grants.code : grants.implicit
  const rule = evaluate({ server, app, person, grantType, scopes })
  return server.isOrg ? 3600 : (rule.accessTokenMinutes ?? 60) * 60
}

export const invalid = (description: string): Refusal =>
  oauthError(400, 'invalid_request', description)
