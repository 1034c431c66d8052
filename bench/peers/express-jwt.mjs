import { expressjwt } from 'express-jwt'
import jwksRsa from 'jwks-rsa'
import { callExpress } from '../lib/call.mjs'
import { audience, issuer } from '../lib/tokens.mjs'

// The keys are asked for once and then come from its own cache, by kid.
const express = ({ jwks, algorithm }) =>
  expressjwt({
    secret: jwksRsa.expressJwtSecret({
      jwksUri: `${issuer}/v1/keys`,
      cache: true,
      cacheMaxAge: 6 * 3600 * 1000,
      getKeysInterceptor: () => jwks.keys,
    }),
    algorithms: [algorithm],
    issuer,
    audience,
  })

export const subjects = [
  {
    name: 'express-jwt + jwks-rsa',
    algorithms: ['RS256', 'PS256', 'ES256'],
    keyLookUp: true,
    createVerifier: (setup) => callExpress(express(setup)),
    express,
  },
]
