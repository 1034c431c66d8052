import { AsyncLocalStorage } from 'node:async_hooks'
import { createLogin, memorySessions, storedSessions } from '@portcullis/express'
import { createDirectAuthentication, createDirectLogin, okta } from '@portcullis/okta'

/** Whose request it is, for the limit of attempts per address: the framework knows. */
export const visitor = new AsyncLocalStorage()

/** A login, and pages of our own that lead into its sessions; `now` is for tests. */
export function createLogins({ domain, authorizationServer, client, baseUrl, secret, now }) {
  const server = okta({ domain, authorizationServer })
  const secrets = [secret]
  const login = createLogin({
    issuer: server.issuer,
    client,
    baseUrl,
    // In the memory of this process: take a store that several can share in production.
    sessions: storedSessions(memorySessions({ now }), { secrets, now }),
    now,
  })
  const scope = 'openid profile offline_access'
  const direct = createDirectAuthentication({ server, client, scope, secrets, now })
  const addressOf = () => visitor.getStore()
  return { login, directLogin: createDirectLogin({ login, direct, baseUrl, addressOf, now }) }
}

/** The page of whoever is signed in. */
export const accountPage = (name) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Account</title><h1>Account</h1><p>Hello ${html(name)}.</p><form method="post" action="/logout"><button>Sign out</button></form></html>`

const html = (text) => String(text).replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
