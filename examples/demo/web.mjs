import { randomBytes } from 'node:crypto'
import { accessToken, createLogin, session } from '@portcullis/express'
import { forPersons } from './authorization-server.mjs'
import { accountPage } from './web-pages.mjs'
import { mask, shown } from './tokens.mjs'

/** What both web applications share: a login whose doings are printed, and the account of whoever is signed in. */
export function createWeb({ name, issuer, client, baseUrl, apis, say, sessions }) {
  const renewals = new Map()
  const login = createLogin({
    issuer,
    client,
    baseUrl,
    // A demo forgets everybody when it ends; in production a secret is configured.
    sessions: sessions({ secrets: [randomBytes(32).toString('hex')] }),
    parameters: { scope: 'openid profile offline_access orders:read', resource: forPersons },
    observe: (event) => {
      const { type, subject = 'somebody' } = event
      // The first one fetches the token for the APIs: what a login brings is for the issuer itself.
      if (type === 'signed-in') renewals.set(subject, -1)
      if (type === 'refreshed') renewals.set(subject, (renewals.get(subject) ?? -1) + 1)
      say(`${name.padEnd(11)} ${line(event)}`)
    },
  })
  return {
    login,
    headers: headersFor(issuer),
    /** The account page; with `api` and `path` it calls an API as well. `host` is what the framework hands to a route. */
    account: async (host, { api, path }) => {
      const token = await accessToken(host, { resource: forPersons })
      const { claims, createdAt } = session(host)
      const { payload } = shown(token)
      return accountPage({
        name,
        claims,
        createdAt,
        apis,
        token: { ...payload, masked: mask(token), renewals: renewals.get(claims.sub) ?? 0 },
        call: await call(token, { api: apis.find((one) => one.name === api), path }),
      })
    },
  }
}

const called = ['/orders', '/admin']

/** Calls an API with the access token of the session. */
async function call(token, { api, path }) {
  if (api === undefined || !called.includes(path)) return undefined
  const url = api.url + path
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  const { status, statusText } = response
  return { url, status, statusText, body: await response.text() }
}

function line({ type, subject, refusal, outage }) {
  if (type === 'refused') return `refused   ${refusal.code}: ${refusal.reason}`
  if (type === 'outage') return `outage    ${outage.code}: ${outage.message}`
  return `${type.padEnd(10)}${subject ?? ''}`
}

// The form of the logout leads on to the issuer, which its policy must allow.
const headersFor = (issuer) => ({
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `form-action 'self' ${new URL(issuer).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
})
