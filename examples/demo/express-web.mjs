import { fileURLToPath } from 'node:url'
import express from 'express'
import {
  createGuard,
  memorySessions,
  protect,
  Refusal,
  routes,
  session,
  storedSessions,
} from '@portcullis/express'
import { homePage, troublePage } from './web-pages.mjs'
import { createWeb } from './web.mjs'

const files = fileURLToPath(new URL('public/', import.meta.url))

/** A web application with login on Express. Its sessions are in the memory of the process. */
export function createExpressWeb(options) {
  const sessions = (given) => storedSessions(memorySessions(), given)
  const { login, account, headers } = createWeb({ ...options, sessions })
  const { name } = options
  const site = createGuard({ login })
  const app = express()

  app.use((req, res, next) => {
    res.set(headers)
    next()
  })
  app.use(routes(login.handler))
  app.get(['/style.css', '/icon.svg'], (req, res) => res.sendFile(req.path, { root: files }))
  app.get('/', protect(site.optional()), (req, res) => {
    res.send(homePage({ name, claims: session(req)?.claims }))
  })
  app.get('/account', protect(site), async (req, res) => {
    res.send(await account(req, req.query))
  })

  app.use((error, req, res, next) => {
    // The guard finds no session any more, and leads to the login.
    if (Refusal.is(error) && error.code === 'session_ended') return res.redirect(303, '/account')
    if (error.expose === undefined) return next(error)
    return res.status(error.status).send(troublePage(name, error.status))
  })
  return app
}
