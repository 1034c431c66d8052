// Another process of the same gateway, from the built package: signs with keys it was handed, and checks.
import { createGuard } from '@portcullis/core'
import { createIdentity } from '../../../packages/gateway/dist/identity/create.js'
import { importSigningKeys } from '../../../packages/gateway/dist/identity/signing-keys.js'

const { set, issuer, audience, now: time } = JSON.parse(process.argv[2] ?? '')
const now = () => time
const signingKeys = importSigningKeys(set, { now })
const identity = createIdentity({ token: { issuer, audience } }, { signingKeys, now })
const guard = createGuard({ issuer, audience, jwks: signingKeys.published(), now })

const whoever = {
  issuer: 'https://issuer.test',
  subject: 'from the worker',
  client: 'client-1',
  scopes: ['a'],
  expiresAt: time / 1000 + 300,
  claims: {},
}
const request = (authorization) => ({
  method: 'GET',
  url: 'https://api.test/',
  header: (name) => (name === 'authorization' ? authorization : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
})

process.on('message', async ({ field }) => {
  const verdict = await guard.check(request(field))
  process.send?.({
    subject: verdict.granted ? verdict.principal.subject : verdict.refusal.code,
    field: identity.fields(whoever, undefined)[0]?.[1],
  })
})
process.send?.('ready')
