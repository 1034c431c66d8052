import { isRecord } from '../../../packages/core/src/lib/own.ts'
import { parseObject } from '../../../packages/core/src/lib/json.ts'
import type { Granted } from './grants.ts'
import type { Lies } from './lies.ts'
import type { Answer, Endpoint, Scene } from './scene.ts'
import { issueAccessToken, issueIdToken, noted, signed } from './tokens.ts'

/** Signs the user in without a question, and answers at once. */
export const authorize: Endpoint = (received, scene) => {
  const asked = parametersOf(received.parameters, scene)
  const redirectUri = asked?.get('redirect_uri')
  if (!asked || !redirectUri || asked.get('client_id') !== scene.client.id) {
    return { status: 400, headers: { 'content-type': 'text/plain' }, body: 'invalid request' }
  }
  const answer = lied(answerTo(asked, redirectUri, scene), scene)
  return deliver(answer, asked, redirectUri, scene)
}

/** RFC 9126 §4 and RFC 9101 §5: what was pushed or signed counts, and not what stands beside it. */
function parametersOf(given: URLSearchParams, scene: Scene): URLSearchParams | undefined {
  const uri = given.get('request_uri')
  const whole = uri === null ? given : scene.grants.takePushed(uri)
  const request = whole?.get('request')
  if (request === null || request === undefined) return whole
  const [, payload = ''] = request.split('.')
  const claims = parseObject(Buffer.from(payload, 'base64url').toString())
  return new URLSearchParams(
    Object.entries(claims ?? {}).map(([name, value]): [string, string] => [
      name,
      isRecord(value) ? JSON.stringify(value) : String(value),
    ]),
  )
}

function answerTo(asked: URLSearchParams, redirectUri: string, scene: Scene): URLSearchParams {
  const types = (asked.get('response_type') ?? '').split(' ')
  const granted = grantedBy(asked, redirectUri, scene)
  const answer = new URLSearchParams()
  const code = types.includes('code') ? noted(scene.grants.issueCode(granted), scene) : undefined
  const accessToken = types.includes('token') ? issueAccessToken(granted, scene) : undefined
  const along = { ...(code && { code }), ...(accessToken && { accessToken }) }
  if (code !== undefined) answer.set('code', code)
  if (accessToken !== undefined) {
    answer.set('access_token', accessToken)
    answer.set('token_type', 'Bearer')
    answer.set('expires_in', String(scene.lifetime))
  }
  if (types.includes('id_token')) {
    answer.set('id_token', issueIdToken(granted, scene, { where: 'front', ...along }))
  }
  const state = asked.get('state')
  if (state !== null) answer.set('state', state)
  answer.set('iss', scene.url())
  return answer
}

let sessions = 0

function grantedBy(asked: URLSearchParams, redirectUri: string, { now }: Scene): Granted {
  const read = (name: string): string | undefined => asked.get(name) ?? undefined
  sessions++
  return {
    redirectUri,
    challenge: read('code_challenge'),
    nonce: read('nonce'),
    scope: read('scope') ?? 'openid',
    acr: read('acr_values')?.split(' ')[0],
    audience: read('audience') ?? read('resource'),
    sid: `sid-${sessions}`,
    authTime: Math.floor(now() / 1000),
  }
}

function lied(honest: URLSearchParams, scene: Scene): URLSearchParams {
  const lies = scene.lies()
  const answer = lies.error === undefined ? new URLSearchParams(honest) : failed(honest, lies.error)
  spoil(answer, 'state', lies.state, 'another-state')
  spoil(answer, 'iss', lies.iss, 'https://evil.test')
  spoil(answer, 'code', lies.code, 'code-of-another-issuer')
  return answer
}

function failed(honest: URLSearchParams, { error, description, uri }: NonNullable<Lies['error']>) {
  const answer = new URLSearchParams({ error })
  if (description !== undefined) answer.set('error_description', description)
  if (uri !== undefined) answer.set('error_uri', uri)
  for (const name of ['state', 'iss']) answer.set(name, honest.get(name) ?? '')
  return answer
}

type Spoiled = 'wrong' | 'foreign' | 'missing' | 'twice' | undefined

function spoil(answer: URLSearchParams, name: string, lie: Spoiled, other: string): void {
  if (lie === 'missing') answer.delete(name)
  if (lie === 'wrong' || lie === 'foreign') answer.set(name, other)
  if (lie === 'twice') answer.append(name, other)
}

function deliver(
  answer: URLSearchParams,
  asked: URLSearchParams,
  redirectUri: string,
  scene: Scene,
): Answer {
  const { mode: forced, answer: lie } = scene.lies()
  const asksJwt = /(?:^|\.)jwt$/.test(asked.get('response_mode') ?? '')
  const content = asksJwt
    ? new URLSearchParams({ response: signedAnswer(answer, scene, lie) })
    : answer
  const mode = forced ?? (asked.get('response_mode')?.replace(/\.?jwt$/, '') || usual(asked))
  if (mode === 'form_post') return page(content, redirectUri)
  const url = new URL(redirectUri)
  if (mode === 'fragment') url.hash = content.toString()
  else for (const [name, value] of content) url.searchParams.append(name, value)
  return { status: 303, headers: { location: url.href, 'cache-control': 'no-store' } }
}

// OAuth 2.0 Multiple Response Type Encoding Practices §2.1, §5.
const usual = (asked: URLSearchParams): string =>
  asked.get('response_type') === 'code' ? 'query' : 'fragment'

function signedAnswer(answer: URLSearchParams, scene: Scene, lie: Lies['answer']): string {
  const at = Math.floor(scene.now() / 1000)
  const claims = {
    ...Object.fromEntries(answer),
    iss: lie === 'other-issuer' ? 'https://evil.test' : scene.url(),
    aud: lie === 'other-audience' ? 'other-client' : scene.client.id,
    exp: lie === 'expired' ? at - 600 : at + 600,
  }
  const ofClaims = lie === 'other-issuer' || lie === 'other-audience' || lie === 'expired'
  return signed(claims, {}, scene, ofClaims ? undefined : lie)
}

function page(answer: URLSearchParams, redirectUri: string): Answer {
  const inputs = [...answer].map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`,
  )
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body:
      `<!doctype html><title>Back</title><body onload="document.forms[0].submit()">` +
      `<form method="post" action="${escape(redirectUri)}">${inputs.join('')}</form></body>`,
  }
}

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
