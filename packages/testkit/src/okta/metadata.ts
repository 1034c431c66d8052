import { directGrants, grants } from './grants.ts'
import { oidcScopes, type Server } from './servers.ts'
import type { OktaState } from './state.ts'

const signing = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512']
const requestSigning = ['HS256', 'HS384', 'HS512', ...signing]
const methods = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'none',
]
const claims = `
  iss ver sub aud iat exp jti auth_time amr idp nonce name nickname
  preferred_username given_name middle_name family_name email email_verified
  profile zoneinfo locale address phone_number picture website gender birthdate
  updated_at at_hash c_hash`
  .trim()
  .split(/\s+/)
const responseTypes = [
  'code',
  'id_token',
  'code id_token',
  'code token',
  'id_token token',
  'code id_token token',
]

/** The OpenID Connect document: without a word on direct authentication's own endpoints. */
export function openidConfiguration(state: OktaState, server: Server): object {
  const { base } = server
  return {
    ...head(state, server),
    userinfo_endpoint: `${base}/v1/userinfo`,
    response_types_supported: responseTypes,
    grant_types_supported: grantTypes(state),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    ...(!server.isOrg && {
      id_token_encryption_alg_values_supported: ['RSA-OAEP-256', 'RSA-OAEP-384', 'RSA-OAEP-512'],
      id_token_encryption_enc_values_supported: ['A256GCM'],
    }),
    claims_supported: claims,
    ...tail(server),
  }
}

/** The document of RFC 8414. */
export function oauthMetadata(state: OktaState, server: Server): object {
  return {
    ...head(state, server),
    response_types_supported: [...responseTypes, 'token'],
    grant_types_supported: [...grantTypes(state), grants.clientCredentials],
    claims_supported: ['ver', 'jti', 'iss', 'aud', 'iat', 'exp', 'cid', 'uid', 'scp', 'sub'],
    ...tail(server),
  }
}

const head = ({ origin }: OktaState, server: Server): object => ({
  issuer: server.issuer,
  authorization_endpoint: `${server.base}/v1/authorize`,
  token_endpoint: `${server.base}/v1/token`,
  registration_endpoint: `${origin}/oauth2/v1/clients`,
  jwks_uri: `${server.base}/v1/keys`,
  response_modes_supported: ['query', 'fragment', 'form_post', 'okta_post_message'],
  scopes_supported: scopesOf(server),
  subject_types_supported: ['public'],
})

function scopesOf({ isOrg, scopes }: Server): readonly string[] {
  if (isOrg) return [...oidcScopes, 'groups']
  const published = Object.entries(scopes).flatMap(([name, scope]) =>
    scope.published ? [name] : [],
  )
  return [...oidcScopes, 'device_sso', ...published]
}

// Those of direct authentication that Okta has in a document; its webauthn grants are in none.
const shown = directGrants.filter((grant) => !grant.includes('webauthn'))

const grantTypes = ({ settings }: OktaState): readonly string[] => [
  grants.code,
  grants.implicit,
  grants.refresh,
  grants.password,
  grants.device,
  ...(settings.identityEngine ? [grants.ciba, ...shown] : []),
]

const tail = ({ base }: Server): object => ({
  token_endpoint_auth_methods_supported: methods,
  code_challenge_methods_supported: ['S256'],
  introspection_endpoint: `${base}/v1/introspect`,
  introspection_endpoint_auth_methods_supported: methods,
  revocation_endpoint: `${base}/v1/revoke`,
  revocation_endpoint_auth_methods_supported: methods,
  end_session_endpoint: `${base}/v1/logout`,
  request_parameter_supported: true,
  request_object_signing_alg_values_supported: requestSigning,
  device_authorization_endpoint: `${base}/v1/device/authorize`,
  pushed_authorization_request_endpoint: `${base}/v1/par`,
  backchannel_token_delivery_modes_supported: ['poll'],
  backchannel_authentication_request_signing_alg_values_supported: requestSigning,
  dpop_signing_alg_values_supported: signing,
})
