import { createVerifier } from 'fast-jwt'
import { audience, issuer } from '../lib/tokens.mjs'

const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA']

const options = (algorithm) => ({
  algorithms: [algorithm],
  allowedIss: issuer,
  allowedAud: audience,
  requiredClaims: ['iss', 'aud', 'exp'],
})

export const subjects = [
  {
    name: 'fast-jwt, one key',
    algorithms,
    createVerifier: ({ pem, algorithm }) => createVerifier({ key: pem, ...options(algorithm) }),
  },
  {
    name: 'fast-jwt, one key, cache',
    algorithms,
    cached: true,
    createVerifier: ({ pem, algorithm }) =>
      createVerifier({ key: pem, cache: true, ...options(algorithm) }),
  },
  {
    name: 'fast-jwt, key by kid',
    algorithms,
    keyLookUp: true,
    createVerifier: (setup) => createVerifier({ key: byKid(setup), ...options(setup.algorithm) }),
  },
  {
    name: 'fast-jwt, key by kid, cache',
    algorithms,
    keyLookUp: true,
    cached: true,
    createVerifier: (setup) =>
      createVerifier({ key: byKid(setup), cache: true, ...options(setup.algorithm) }),
  },
]

// Its key function may answer with PEM only.
function byKid({ pem, jwk }) {
  const keys = new Map([[jwk.kid, pem]])
  return async ({ header }) => {
    const key = keys.get(header.kid)
    if (key === undefined) throw new Error('unknown kid')
    return key
  }
}
