import { createPublicKey } from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'
import { audience, issuer } from '../lib/tokens.mjs'

export const subjects = [
  {
    name: 'jsonwebtoken, map of KeyObjects',
    algorithms: ['RS256', 'PS256', 'ES256'],
    keyLookUp: true,
    createVerifier({ jwks, algorithm }) {
      const keys = new Map(
        jwks.keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]),
      )
      const options = { algorithms: [algorithm], issuer, audience }
      return (token) => {
        const header = JSON.parse(
          Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString(),
        )
        const key = keys.get(header.kid)
        if (key === undefined) throw new Error('unknown kid')
        const claims = jsonwebtoken.verify(token, key, options)
        if (typeof claims.exp !== 'number') throw new Error('no expiry')
        return claims
      }
    },
  },
]
