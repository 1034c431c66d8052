import { randomBytes } from 'node:crypto'
import express from 'express'
import {
  accessToken,
  createGuard,
  createLogin,
  memorySessions,
  protect,
  routes,
  session,
  storedSessions,
} from '@portcullis/express'
import { scope } from './clients.mjs'

const paths = { login: '/flows/code/login', callback: '/flows/code/callback', logout: false }

/** Where the browser leaves for Okta's sign-in page, and where it comes back to. */
export function createEntrance({ clients, runs, baseUrl }) {
  const login = createLogin({
    issuer: clients.main.issuer,
    client: clients.registration('site'),
    baseUrl,
    routes: paths,
    sessions: storedSessions(memorySessions(), {
      secrets: [randomBytes(32).toString('hex')],
      cookie: { name: 'portcullis-flows' },
    }),
    // Asked every time: there are two people, and one browser.
    parameters: { scope, prompt: 'login' },
    observe: (event) => {
      if (event.type === 'refused') runs.arrive('code', { trouble: event.refusal.code })
    },
  })
  const app = express()
  app.use(routes(login.handler))
  app.get('/flows/code/arrived', protect(createGuard({ login })), async (req, res) => {
    const token = await accessToken(req)
    runs.arrive('code', { accessToken: token, claims: session(req).claims })
    res.redirect(303, '/flows.html')
  })
  app.use((error, req, res, next) => {
    if (res.headersSent) return next(error)
    return res
      .status(error.status ?? 500)
      .type('text')
      .send(`${error.status ?? 500}\n`)
  })
  return app
}
