import * as oauth from 'oauth4webapi'
import { audience, issuer } from '../lib/tokens.mjs'

export const subjects = [
  {
    name: 'oauth4webapi',
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    keyLookUp: true,
    createVerifier({ jwks, algorithm }) {
      const server = { issuer, jwks_uri: `${issuer}/v1/keys` }
      // It fetches the keys anew every five minutes, and would refuse where it cannot.
      const options = {
        signingAlgorithms: [algorithm],
        [oauth.customFetch]: () => Promise.resolve(Response.json(jwks)),
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
