import jwksRsa from 'jwks-rsa'
import koaJwt from 'koa-jwt'
import { callKoa } from '../lib/call.mjs'
import { audience, issuer } from '../lib/tokens.mjs'

const koa = ({ jwks, algorithm }) =>
  koaJwt({
    secret: jwksRsa.koaJwtSecret({
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
    name: 'koa-jwt + jwks-rsa',
    algorithms: ['RS256', 'PS256', 'ES256'],
    keyLookUp: true,
    createVerifier: (setup) => callKoa(koa(setup)),
    koa,
  },
]
