/** Grant types by the names that the code has for them. */
export const grants = {
  code: 'authorization_code',
  implicit: 'implicit',
  refresh: 'refresh_token',
  password: 'password',
  clientCredentials: 'client_credentials',
  device: 'urn:ietf:params:oauth:grant-type:device_code',
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  samlBearer: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
  interactionCode: 'interaction_code',
  ciba: 'urn:openid:params:grant-type:ciba',
  otp: 'urn:okta:params:oauth:grant-type:otp',
  oob: 'urn:okta:params:oauth:grant-type:oob',
  webauthn: 'urn:okta:params:oauth:grant-type:webauthn',
  // Literally so, with http and with another company's name.
  mfaOtp: 'http://auth0.com/oauth/grant-type/mfa-otp',
  mfaOob: 'http://auth0.com/oauth/grant-type/mfa-oob',
  mfaWebauthn: 'urn:okta:params:oauth:grant-type:mfa-webauthn',
} as const

export const mfaGrants: readonly string[] = [grants.mfaOtp, grants.mfaOob, grants.mfaWebauthn]

export const directGrants: readonly string[] = [
  grants.otp,
  grants.oob,
  grants.webauthn,
  ...mfaGrants,
]
