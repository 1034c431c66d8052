import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import session from 'express-session'
import { auth } from 'express-openid-connect'
import { getIronSession, sealData } from 'iron-session'
import { createClient } from 'redis'
import { redisStore } from './session-redis.mjs'

const secret = 'a secret of the benchmark, of 40 characters'

/** Nothing at all: what the application costs alone. */
export const none = { name: 'no session', middleware: () => (_req, _res, next) => next() }

/**
 * Every way to keep a session in an Express application, as `{ name, middleware(setup), signIn(req, res,
 * content), isSignedIn(req) }`.
 */
export const peers = [
  {
    name: 'express-openid-connect',
    middleware: () => auth(openidConnect),
    signIn: (req, _res, { idToken, accessToken, refreshToken }) => {
      Object.assign(req.appSession, {
        id_token: idToken,
        access_token: accessToken,
        refresh_token: refreshToken,
      })
    },
    isSignedIn: (req) => req.oidc.isAuthenticated(),
  },
  {
    name: 'iron-session',
    middleware: () => async (req, res, next) => {
      req.session = await getIronSession(req, res, iron)
      next()
    },
    // Its own `save` refuses this content: the cookie is over 4,096 bytes.
    signIn: async (_req, res, content) => {
      res.append('Set-Cookie', `${iron.cookieName}=${await sealData(content, iron)}`)
    },
    isSignedIn: (req) => req.session.idToken !== undefined,
  },
  {
    name: 'express-session + Redis',
    needsRedis: true,
    middleware: async ({ redis }) => {
      const client = await createClient({ url: redis }).connect()
      return session({
        secret,
        resave: false,
        saveUninitialized: false,
        store: redisStore(session.Store, client),
      })
    },
    signIn: (req, _res, content) => {
      Object.assign(req.session, content)
    },
    isSignedIn: (req) => req.session.idToken !== undefined,
  },
]

const openidConnect = {
  baseURL: 'http://localhost:3000',
  issuerBaseURL: 'https://id.example.com',
  clientID: '0oa9z8y7x6w5v4u3t2s1',
  secret,
  authRequired: false,
  clientSecret: secret,
  authorizationParams: { response_type: 'code', response_mode: 'query' },
}

const iron = { cookieName: 'iron', password: secret, cookieOptions: { secure: false } }

/** How the same cookie is opened without Express around it; `open(field)` of a `Cookie` field. */
export const openers = [
  {
    name: 'express-openid-connect',
    async open() {
      const require = createRequire(import.meta.url)
      const { get } = require('express-openid-connect/lib/config')
      const read = require('express-openid-connect/lib/appSession')(get(openidConnect))
      return (field) =>
        new Promise((resolve, reject) => {
          const req = { get: () => field }
          read(req, { writeHead: () => undefined }, () => resolve(req.appSession)).catch(reject)
        })
    },
  },
  {
    name: 'iron-session',
    async open() {
      return (field) => getIronSession({ headers: { cookie: field } }, {}, iron)
    },
  },
]

/** What nobody can be faster than with this cipher: one key, one cookie, JSON and nothing else. */
export function bare() {
  const key = createSecretKey(randomBytes(32))
  return {
    seal(value) {
      const iv = randomBytes(12)
      const gcm = createCipheriv('aes-256-gcm', key, iv)
      const text = Buffer.concat([iv, gcm.update(JSON.stringify(value)), gcm.final()])
      return Buffer.concat([text, gcm.getAuthTag()]).toString('base64url')
    },
    open(text) {
      const sealed = Buffer.from(text, 'base64url')
      const end = sealed.length - 16
      const gcm = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
      gcm.setAuthTag(sealed.subarray(end))
      const plain = gcm.update(sealed.subarray(12, end))
      gcm.final()
      return JSON.parse(plain.toString())
    },
  }
}
