import { createLocalJWKSet, jwtVerify } from 'jose'
import { audience, issuer } from '../lib/tokens.mjs'

export const subjects = [
  {
    name: 'jose',
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    keyLookUp: true,
    createVerifier({ jwks, algorithm }) {
      const keys = createLocalJWKSet(jwks)
      const options = { issuer, audience, algorithms: [algorithm], requiredClaims: ['exp'] }
      return (token) => jwtVerify(token, keys, options)
    },
  },
]
