import { createAuthorizationServer } from '@portcullis/testkit'

/** What both APIs call themselves: the `aud` that a token must name. */
export const audience = 'https://orders.demo.test'

/** The same API, for those who want a token that lives for a second. */
export const shortLived = 'https://orders.demo.test/short-lived'

/** Another API of the same authorization server. */
export const otherApi = 'https://billing.demo.test'

/** The client that the demo asks for tokens as. */
export const client = { id: 'machine', secret: 'machine-secret' }

const scopes = ['orders:read', 'reports:read', 'admin']

/** The authorization server that the APIs trust. */
export const startAuthorizationServer = (port) =>
  createAuthorizationServer({
    port,
    resources: {
      [audience]: { scopes, lifetime: 3600 },
      [shortLived]: { scopes, audience, lifetime: 1 },
      [otherApi]: { scopes },
    },
  })

/** One that they do not trust, though it issues tokens for the same audience. */
export const startForeignServer = () =>
  createAuthorizationServer({ resources: { [audience]: { scopes, lifetime: 3600 } } })
