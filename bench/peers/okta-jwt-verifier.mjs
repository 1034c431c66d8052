import OktaJwtVerifier from '@okta/jwt-verifier'
import { audience, issuer } from '../lib/tokens.mjs'

export const subjects = [
  {
    name: '@okta/jwt-verifier',
    algorithms: ['RS256'],
    keyLookUp: true,
    createVerifier({ jwks }) {
      const verifier = new OktaJwtVerifier({
        issuer,
        cacheMaxAge: 6 * 3600 * 1000,
        getKeysInterceptor: () => jwks.keys,
      })
      return (token) => verifier.verifyAccessToken(token, audience)
    },
  },
]
