import { accessToken, createGuard, createLogin, protect, routes, session } from '@portcullis/fetch'
import { accountPage, homePage, ordersPage } from '../express-web/pages.mjs'

/** A function from Request to Response: a web application with login, whose pages call an API. */
export function createApp({ api, audience, ...options }) {
  const login = createLogin(options)
  const site = createGuard({ login })
  // /login, /callback and /logout.
  const own = routes(login.handler)
  const pages = {
    '/': protect(site.optional())((request) => html(homePage(session(request)))),
    '/account': protect(site)((request) => html(accountPage(session(request)))),
    '/orders': protect(site)(async (request) => {
      const authorization = `Bearer ${await accessToken(request, { resource: audience })}`
      const answer = await fetch(`${api}/orders`, { headers: { authorization } })
      return html(ordersPage(answer.status, await answer.text()))
    }),
  }
  return async (request) => {
    const answered = await own(request)
    if (answered !== undefined) return answered
    const { pathname } = new URL(request.url)
    const handler = Object.hasOwn(pages, pathname) ? pages[pathname] : undefined
    return handler ? handler(request) : new Response('Not Found', { status: 404 })
  }
}

const html = (page) =>
  new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } })
