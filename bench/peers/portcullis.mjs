import { createGuard, jwt } from '@portcullis/core'
import { audience, issuer } from '../lib/tokens.mjs'

const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA']

const verifier =
  (more) =>
  ({ jwks }) => {
    const { verify } = jwt({ issuers: [{ issuer, audience, jwks }], ...more })
    return (token) => verify(token)
  }

/** `TokenVerifier.verify`: what stands beside the verifiers of the peers. */
export const subjects = [
  {
    name: 'Portcullis, cache off',
    algorithms,
    keyLookUp: true,
    createVerifier: verifier({ cache: false }),
  },
  {
    name: 'Portcullis, default cache',
    algorithms,
    keyLookUp: true,
    cached: true,
    createVerifier: verifier({}),
  },
]

/** `guard.check` of a whole request: the credential, the verification, the confirmation, the principal. */
export const guards = [
  { name: 'Portcullis guard.check, cache off', algorithms, createCheck: checker({ cache: false }) },
  { name: 'Portcullis guard.check, default cache', algorithms, createCheck: checker({}) },
]

function checker(more) {
  return ({ jwks }) => {
    const guard = createGuard({ issuer, audience, jwks, ...more })
    return (field) => answer(guard.check(request(field)))
  }
}

const request = (field) => ({
  method: 'GET',
  url: 'https://api.example.com/',
  header: (name) => (name === 'authorization' ? field : undefined),
  form: () => Promise.reject(new Error('there is no form')),
})

function answer(verdict) {
  if (verdict.granted === true) return verdict.principal
  if (verdict.granted === false) throw verdict.refusal
  return verdict.then(answer)
}

const options = { 'Portcullis, default cache': {}, 'Portcullis, cache off': { cache: false } }

const guardFor = (create, subject, { jwks }) =>
  create({ issuer, audience, jwks, ...options[subject] })

/** The middleware of the adapter, as the README shows it. */
export async function express(subject, setup) {
  const { createGuard: create, protect } = await import('@portcullis/express')
  return protect(guardFor(create, subject, setup))
}

/** The same for Koa. */
export async function koa(subject, setup) {
  const { createGuard: create, protect } = await import('@portcullis/koa')
  return protect(guardFor(create, subject, setup))
}
