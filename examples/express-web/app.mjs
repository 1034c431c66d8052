import express from 'express'
import {
  accessToken,
  createGuard,
  createLogin,
  protect,
  routes,
  session,
} from '@portcullis/express'
import { accountPage, homePage, ordersPage } from './pages.mjs'

/** A web application with login, whose pages call an API in the name of whoever is signed in. */
export function createApp({ api, audience, ...options }) {
  const login = createLogin(options)
  const site = createGuard({ login })
  const app = express()
  // /login, /callback and /logout.
  app.use(routes(login.handler))
  app.get('/', protect(site.optional()), (req, res) => {
    res.send(homePage(session(req)))
  })
  app.get('/account', protect(site), (req, res) => {
    res.send(accountPage(session(req)))
  })
  app.get('/orders', protect(site), async (req, res) => {
    const authorization = `Bearer ${await accessToken(req, { resource: audience })}`
    const answer = await fetch(`${api}/orders`, { headers: { authorization } })
    res.send(ordersPage(answer.status, await answer.text()))
  })
  return app
}
