import { auth } from 'express-oauth2-jwt-bearer'
import { callExpress } from '../lib/call.mjs'
import { audience, issuer } from '../lib/tokens.mjs'

const express = ({ jwks }) => auth({ issuer, audience, publicKey: jwks })

export const subjects = [
  {
    name: 'express-oauth2-jwt-bearer',
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    keyLookUp: true,
    createVerifier: (setup) => callExpress(express(setup)),
    express,
  },
]
