import { stableId } from './ids.ts'
import type { IdentityProviderOptions } from './options.ts'

/** An external identity provider as the org holds it. */
export interface IdentityProvider {
  /** What the options call it. */
  readonly name: string
  /** `0oa…`: `idp` of `/authorize` and of ID tokens. */
  readonly id: string
  readonly users: readonly string[] | undefined
  readonly scopes: readonly string[]
}

export const createIdentityProvider = ([name, options]: readonly [
  string,
  IdentityProviderOptions,
]): IdentityProvider => ({
  name,
  id: options.id ?? stableId('0oa', `idp.${name}`),
  users: options.users,
  scopes: options.scopes ?? ['openid', 'profile', 'email'],
})
