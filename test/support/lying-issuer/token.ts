import { createHash, timingSafeEqual } from 'node:crypto'
import { parseObject } from '../../../packages/core/src/lib/json.ts'
import type { Granted } from './grants.ts'
import type { Lies } from './lies.ts'
import type { Received } from './records.ts'
import { defined, json, problem, type Answer, type Endpoint, type Scene } from './scene.ts'
import { issueAccessToken, issueIdToken, noted } from './tokens.ts'

/** Trades codes and refresh tokens; checks all that an honest issuer checks. */
export const token: Endpoint = (received, scene) => {
  if (received.method !== 'POST') return problem('invalid_request', 405)
  if (!isClient(received, scene)) return problem('invalid_client', 401)
  const { parameters } = received
  const names = [...parameters.keys()]
  if (new Set(names).size < names.filter((name) => name !== 'resource').length) {
    return problem('invalid_request')
  }
  const type = parameters.get('grant_type')
  if (type === 'authorization_code') return tradeCode(parameters, scene)
  return type === 'refresh_token'
    ? tradeRefresh(parameters, scene)
    : problem('unsupported_grant_type')
}

/** RFC 6749 §2.3.1, and RFC 7523 without a look at the signature, which is not what we are lied about. */
export function isClient({ headers, parameters }: Received, { client }: Scene): boolean {
  const { authorization } = headers
  const assertion = parameters.get('client_assertion')
  if (assertion !== null) {
    const [, payload = ''] = assertion.split('.')
    return parseObject(Buffer.from(payload, 'base64url').toString())?.['sub'] === client.id
  }
  if (authorization?.startsWith('Basic ') === true) {
    const [id, secret] = Buffer.from(authorization.slice(6), 'base64')
      .toString()
      .split(':')
      // RFC 6749 §2.3.1: both are encoded as in a form.
      .map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
    return id === client.id && same(secret, client.secret)
  }
  const secret = parameters.get('client_secret') ?? undefined
  return parameters.get('client_id') === client.id && same(secret, client.secret)
}

const same = (given: string | undefined, wanted: string | undefined): boolean => {
  if (given === undefined || wanted === undefined) return given === wanted
  const [a, b] = [given, wanted].map((text) => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}

function tradeCode(parameters: URLSearchParams, scene: Scene): Answer {
  const granted = scene.grants.takeCode(parameters.get('code') ?? '')
  const verifier = parameters.get('code_verifier') ?? ''
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  if (
    granted === undefined ||
    granted.redirectUri !== parameters.get('redirect_uri') ||
    granted.challenge !== challenge
  ) {
    return problem('invalid_grant')
  }
  const accessToken = issueAccessToken(granted, scene)
  const lie = scene.lies().token
  const idToken = issueIdToken(granted, scene, { where: 'token', accessToken })
  return answer(scene, {
    access_token: lie === 'no-access-token' ? undefined : accessToken,
    id_token: lie === 'no-id-token' ? undefined : idToken,
    refresh_token: offline(granted) ? noted(scene.grants.issueRefresh(granted), scene) : undefined,
    scope: granted.scope,
  })
}

const offline = ({ scope }: Granted): boolean => scope.split(' ').includes('offline_access')

type RefreshLie = NonNullable<Lies['refresh']>

const otherParties: Readonly<Partial<Record<RefreshLie, Readonly<Record<string, string>>>>> = {
  'other-sub': { sub: 'somebody-else' },
  'other-issuer': { iss: 'https://evil.test' },
  'other-audience': { aud: 'other-client' },
}

function tradeRefresh(parameters: URLSearchParams, scene: Scene): Answer {
  const lie = scene.lies().refresh
  const rotates = lie !== 'no-refresh-token'
  const old = scene.grants.takeRefresh(parameters.get('refresh_token') ?? '', rotates)
  if (old === undefined || lie === 'invalid-grant') return problem('invalid_grant')
  const audience = parameters.get('audience') ?? parameters.get('resource') ?? old.audience
  const scope = parameters.get('scope') ?? old.scope
  const accessToken = issueAccessToken({ ...old, audience, scope }, scene)
  // OpenID Connect Core §12.2: a refreshed one should have no nonce.
  const more = { nonce: undefined, ...(lie && otherParties[lie]) }
  const idToken = issueIdToken(old, scene, { where: 'token', accessToken, more })
  return answer(scene, {
    access_token: scene.lies().token === 'no-access-token' ? undefined : accessToken,
    id_token: lie === 'no-id-token' ? undefined : idToken,
    refresh_token: rotates ? noted(scene.grants.issueRefresh(old), scene) : undefined,
    scope,
  })
}

const answer = (scene: Scene, members: Readonly<Record<string, unknown>>): Answer =>
  json(
    defined({
      token_type: 'Bearer',
      expires_in: scene.lifetime,
      ...members,
      ...scene.lies().tokenMembers,
    }),
  )
