/** The names that go over the wire. Those of auth0.com are literal: they are neither https nor URNs. */
export const grants = {
  password: 'password',
  otp: 'urn:okta:params:oauth:grant-type:otp',
  oob: 'urn:okta:params:oauth:grant-type:oob',
  webAuthn: 'urn:okta:params:oauth:grant-type:webauthn',
  mfaOtp: 'http://auth0.com/oauth/grant-type/mfa-otp',
  mfaOob: 'http://auth0.com/oauth/grant-type/mfa-oob',
  mfaWebAuthn: 'urn:okta:params:oauth:grant-type:mfa-webauthn',
} as const

/** Where a code or a prompt goes. `email` is not in Okta's reference, and not in every org. */
export type Channel = 'push' | 'sms' | 'voice' | 'email'

export const channels: readonly Channel[] = ['push', 'sms', 'voice', 'email']

/** A factor that can come second. */
export type SecondFactor = 'otp' | Channel | 'webauthn'

/** Anything that proves who the user is. */
export type Factor = 'password' | SecondFactor

/** What the app collects for the user: nothing; a number to show, which is never sent; a code that the user types. */
export type Binding = 'none' | 'transfer' | 'prompt'

export const bindings: readonly Binding[] = ['none', 'transfer', 'prompt']

/** The grant that a second factor is traded with. */
export const grantOf = (factor: SecondFactor): string => {
  if (factor === 'otp') return grants.mfaOtp
  return factor === 'webauthn' ? grants.mfaWebAuthn : grants.mfaOob
}
