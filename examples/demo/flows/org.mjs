import { createOkta } from '@portcullis/testkit'
import { createPartner } from './partner.mjs'

/** Who can sign in at the emulated org. Only the phone on the page may show what they know. */
export const people = {
  alice: { firstName: 'Alice', login: 'alice@example.com', password: 'lantern-and-ivy' },
  bob: { firstName: 'Bob', login: 'bob@example.com', password: 'harbour-and-oak' },
}

const factors = ['email', 'sms', 'voice', 'push', 'totp', 'google_otp']
const user = (name) => ({ ...people[name], groups: ['Everyone'], factors })

const code = 'authorization_code'
const legacy = { applicationType: 'browser', grantTypes: ['implicit'], pkceRequired: false }

/** The Okta org of the page with the flows. Each flow has an app of its own, as its registration would be. */
export async function startOrg(port, options) {
  const partner = createPartner()
  const org = await createOkta({
    ...options,
    port,
    numberChallenge: true,
    identityProviders: { partner: {} },
    users: { alice: user('alice'), bob: user('bob') },
    servers: {
      default: { trustedIssuers: { [partner.issuer]: { keys: partner.keys } } },
      payments: { audience: 'api://payments', trustedServers: ['default'] },
    },
    apps: {
      site: { grantTypes: [code, 'refresh_token'], pkceRequired: true },
      hybrid: { grantTypes: [code, 'implicit'], pkceRequired: true },
      implicit: legacy,
      portal: { grantTypes: [code, 'refresh_token'], pkceRequired: true },
      trusted: { grantTypes: ['password', 'refresh_token'] },
      rotating: { applicationType: 'native', refreshToken: { rotation: 'ROTATE', leeway: 0 } },
      television: { applicationType: 'native' },
      counter: {},
      phoneApp: { applicationType: 'native' },
      strictApp: { applicationType: 'native', signOn: 'two-factors' },
    },
  })
  return Object.assign(org, { partner })
}
