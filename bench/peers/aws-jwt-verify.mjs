import { JwtVerifier } from 'aws-jwt-verify'
import { audience, issuer } from '../lib/tokens.mjs'

export const subjects = [
  {
    name: 'aws-jwt-verify',
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    keyLookUp: true,
    createVerifier({ jwks }) {
      const verifier = JwtVerifier.create({ issuer, audience, jwksUri: `${issuer}/v1/keys` })
      verifier.cacheJwks(jwks)
      return (token) => verifier.verifySync(token)
    },
  },
]
