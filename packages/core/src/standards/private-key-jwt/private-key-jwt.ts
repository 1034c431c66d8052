import {
  audienceOf,
  lazily,
  type AssertionOptions,
  type ClientAuthentication,
} from '../../client/authentication.ts'
import {
  createSigningKey,
  nameIn,
  signingKeyChecks,
  type SigningKeyOptions,
} from '../../client/signing-key.ts'
import { anything, checkOptions } from '../../lib/assert.ts'

/** The key that assertions are signed with, and whom they are for. */
export interface PrivateKeyJwtOptions extends SigningKeyOptions, AssertionOptions {}

/** Authenticates by a fresh assertion for each request, signed with a private key (RFC 7523 §2.2). */
export function privateKeyJwt(options: PrivateKeyJwtOptions): ClientAuthentication {
  checkOptions('privateKeyJwt', options, { ...signingKeyChecks, audience: anything })
  const { audience, ...signing } = options
  const made = audienceOf('privateKeyJwt', audience)
  const load = createSigningKey('privateKeyJwt', signing)
  return lazily('private_key_jwt', async (oauth) => {
    const signingKey = await load()
    const { key, kid } = signingKey
    return (server, client, form, headers, endpoint) => {
      const sign = oauth.PrivateKeyJwt(kid === undefined ? { key } : { key, kid }, {
        [oauth.modifyAssertion]: (header, payload) => {
          nameIn(header, signingKey)
          payload['aud'] = made(server.issuer, endpoint)
        },
      })
      return sign(server, client, form, headers)
    }
  })
}
