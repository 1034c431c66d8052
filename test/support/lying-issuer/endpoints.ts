import { authorize } from './authorize.ts'
import { paths, type Place } from './records.ts'
import { defined, json, problem, type Endpoint } from './scene.ts'
import { isClient, token } from './token.ts'
import { signed } from './tokens.ts'

const discovery: Endpoint = (_received, scene) => {
  const at = (place: Place): string => scene.url() + paths[place]
  return json(
    defined({
      issuer: scene.url(),
      authorization_endpoint: at('authorize'),
      token_endpoint: at('token'),
      userinfo_endpoint: at('userinfo'),
      jwks_uri: at('keys'),
      end_session_endpoint: at('end-session'),
      revocation_endpoint: at('revocation'),
      pushed_authorization_request_endpoint: at('par'),
      response_types_supported: ['code', 'id_token', 'code id_token', 'code id_token token'],
      response_modes_supported: [
        'query',
        'fragment',
        'form_post',
        'jwt',
        'query.jwt',
        'form_post.jwt',
      ],
      grant_types_supported: ['authorization_code', 'implicit', 'refresh_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [scene.key.alg],
      authorization_signing_alg_values_supported: [scene.key.alg],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'client_secret_jwt',
        'private_key_jwt',
        'none',
      ],
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
      ...scene.lies().metadata,
    }),
  )
}

const keys: Endpoint = (_received, { key }) => json({ keys: [key.jwk] })

const userinfo: Endpoint = ({ headers }, scene) => {
  const granted = scene.grants.findAccess(headers.authorization?.replace(/^Bearer /i, '') ?? '')
  if (granted === undefined) return problem('invalid_token', 401)
  const lie = scene.lies().userinfo ?? ''
  const subs = { sub: lie.endsWith('other-sub') ? 'somebody-else' : scene.user['sub'] }
  const claims = { ...scene.user, ...(lie === 'no-sub' ? { sub: undefined } : subs) }
  if (!lie.startsWith('signed')) return json(defined(claims))
  const whole = {
    ...claims,
    iss: lie === 'signed-other-issuer' ? 'https://evil.test' : scene.url(),
    aud: lie === 'signed-other-audience' ? 'other-client' : scene.client.id,
  }
  const signatures = { 'signed-unknown-key': 'unknown-key', 'signed-none': 'none' } as const
  const body = signed(whole, {}, scene, signatures[lie as keyof typeof signatures])
  return { status: 200, headers: { 'content-type': 'application/jwt' }, body }
}

const par: Endpoint = (received, scene) => {
  const lie = scene.lies().par
  if (!isClient(received, scene)) return problem('invalid_client', 401)
  // RFC 9126 §2.1: a pushed request must not point to another one.
  if (lie === 'refused' || received.parameters.has('request_uri')) return problem('invalid_request')
  const uri = scene.grants.push(received.parameters)
  const members = { request_uri: lie === 'no-request-uri' ? undefined : uri, expires_in: 60 }
  return json(defined(members), lie === 'status-200' ? 200 : 201)
}

const endSession: Endpoint = ({ parameters }) => {
  const target = parameters.get('post_logout_redirect_uri')
  const state = parameters.get('state')
  if (target === null) {
    return { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>Signed out.</p>' }
  }
  const url = new URL(target)
  if (state !== null) url.searchParams.set('state', state)
  return { status: 303, headers: { location: url.href } }
}

const revocation: Endpoint = (received, scene) => {
  if (!isClient(received, scene)) return problem('invalid_client', 401)
  scene.grants.revoke(received.parameters.get('token') ?? '')
  return { status: 200 }
}

export const endpoints: Readonly<Record<Place, Endpoint>> = {
  discovery,
  keys,
  authorize,
  token,
  userinfo,
  'end-session': endSession,
  par,
  revocation,
}
