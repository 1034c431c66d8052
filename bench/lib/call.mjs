/** Calls an Express middleware as a verifier: a request of the few members it reads, and `next`. */
export function callExpress(middleware) {
  return (token) =>
    new Promise((resolve, reject) => {
      const request = expressRequest(token)
      void middleware(request, {}, (error) => (error ? reject(error) : resolve(request.auth)))
    })
}

const expressRequest = (token) => ({
  method: 'GET',
  url: '/',
  originalUrl: '/',
  protocol: 'http',
  host: 'localhost',
  headers: { host: 'localhost', authorization: `Bearer ${token}` },
  query: {},
  body: undefined,
  app,
  get: () => 'localhost',
  is: () => false,
})

const app = { get: () => () => false, enabled: () => false }

/** Calls a Koa middleware as a verifier. */
export function callKoa(middleware) {
  return async (token) => {
    const ctx = koaRequest(token)
    await middleware(ctx, passOn)
    return ctx.state.user
  }
}

const koaRequest = (token) => ({
  header: { authorization: `Bearer ${token}` },
  state: {},
  cookies: { get: () => undefined },
  throw(status, message, more) {
    throw Object.assign(new Error(message), more, { status })
  },
})

const passOn = async () => undefined
