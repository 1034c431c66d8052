import { createAuthorizationServer } from '@portcullis/testkit'

/** What both APIs call themselves: the `aud` that a token must name. */
export const audience = 'https://orders.demo.test'

/** The same API, for those who want a token that lives for a second. */
export const shortLived = 'https://orders.demo.test/short-lived'

/** The same API, for the web applications: a person shall see how their tokens are renewed. */
export const forPersons = 'https://orders.demo.test/for-persons'

/** Another API of the same authorization server. */
export const otherApi = 'https://billing.demo.test'

/** The client that the demo asks for tokens as. */
export const client = { id: 'machine', secret: 'machine-secret' }

/** The clients that the web applications are; each has sessions of its own. */
export const webClients = {
  express: { id: 'express-web', secret: 'express-web-secret' },
  koa: { id: 'koa-web', secret: 'koa-web-secret' },
}

const scopes = ['orders:read', 'reports:read', 'admin']

/** The authorization server that the APIs trust. Persons sign in by its page; `lifetime` is that of their tokens. */
export const startAuthorizationServer = (port, lifetime) =>
  createAuthorizationServer({
    port,
    signInAs: false,
    clients: Object.values(webClients).map(registered),
    resources: {
      [audience]: { scopes, lifetime: 3600 },
      [shortLived]: { scopes, audience, lifetime: 1 },
      [forPersons]: { scopes, audience, lifetime },
      [otherApi]: { scopes },
    },
  })

/** One that they do not trust, though it issues tokens for the same audience. */
export const startForeignServer = () =>
  createAuthorizationServer({ resources: { [audience]: { scopes, lifetime: 3600 } } })

const registered = ({ id, secret }) => ({
  client_id: id,
  client_secret: secret,
  grant_types: ['authorization_code', 'refresh_token'],
})
