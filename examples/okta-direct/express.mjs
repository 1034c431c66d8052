import express from 'express'
import { createGuard, optionalPrincipal, protect, routes, userinfo } from '@portcullis/express'
import { accountPage, createLogins, visitor } from './logins.mjs'

/** An Express web application whose users never see a page of Okta. */
export function createExpressApp(options) {
  const { login, directLogin } = createLogins(options)
  const site = createGuard({ login })
  const app = express()
  // Behind a proxy, tell Express whom to believe: app.set('trust proxy', 1).
  app.use((req, _res, next) => visitor.run(req.ip, next))
  // /direct and below, /logout.
  app.use(routes(directLogin), routes(login.handler))
  app.get('/account', protect(site.optional()), async (req, res) => {
    if (optionalPrincipal(req) === undefined) return res.redirect('/direct?return_to=/account')
    return res.send(accountPage((await userinfo(req)).name))
  })
  return app
}
