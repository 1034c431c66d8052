import * as oauth from 'oauth4webapi'
import { audience, issuer } from '../lib/tokens.mjs'

export const subjects = [
  {
    name: 'oauth4webapi',
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    keyLookUp: true,
    createVerifier({ jwks, algorithm }) {
      const server = { issuer, jwks_uri: `${issuer}/v1/keys` }
      const options = {
        signingAlgorithms: [algorithm],
        [oauth.jwksCache]: { jwks, uat: Math.floor(Date.now() / 1000) },
      }
      return (token) => {
        const request = new Request('https://api.example.com/', {
          headers: { authorization: `Bearer ${token}` },
        })
        return oauth.validateJwtAccessToken(server, request, audience, options)
      }
    },
  },
]
