// What both consumers do with the packages, however they came by them.
const assert = require('node:assert/strict')
const { once } = require('node:events')

const tried = async (base, issuer) => {
  const get = async (token) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(`${base}/orders`, { headers })
    return { response, status: response.status, text: await response.text() }
  }
  const good = await get(await issuer.issueToken({ scope: 'orders:read', sub: 'alice' }))
  assert.equal(good.status, 200)
  assert.equal(good.text, 'alice')
  const none = await get(undefined)
  assert.equal(none.status, 401)
  assert.match(none.response.headers.get('www-authenticate'), /^Bearer/)
  assert.equal((await get(await issuer.issueToken({ scope: 'other' }))).status, 403)
  assert.equal((await get('nonsense')).status, 401)
}

const serving = async (server, work) => {
  await once(server, 'listening')
  try {
    await work(`http://127.0.0.1:${server.address().port}`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

const quiet = (app) => {
  app.silent = true
  app.set?.('env', 'test')
  return app
}

// Somebody signs in, reads a guarded page, gets a token for an API, and signs out.
const signedIn = async ({ core, express, onExpress, testkit }) => {
  const server = await testkit.createAuthorizationServer()
  const app = quiet(express())
  try {
    await serving(app.listen(0, '127.0.0.1'), async (base) => {
      const login = core.createLogin({
        issuer: server.issuer,
        client: { id: 'web', secret: 'web-secret' },
        baseUrl: base,
        sessions: core.sealedSessions({
          secrets: ['a secret of at least thirty-two characters'],
          keep: ['accessToken', 'refreshToken'],
        }),
      })
      app.use(onExpress.routes(login.handler))
      app.get('/me', onExpress.protect(core.createGuard({ login })), async (req, res) => {
        const token = await onExpress.accessToken(req)
        res.json({ sub: onExpress.principal(req).subject, token: token.length > 0 })
      })
      const browser = testkit.createBrowser()
      const { html } = await browser.open(`${base}/me`)
      assert.deepEqual(JSON.parse(html), { sub: 'alice', token: true })
      assert.equal((await browser.send(`${base}/logout`, { method: 'POST' })).status, 303)
      assert.equal((await browser.send(`${base}/me`)).status, 302)
    })
  } finally {
    await server.close()
  }
}

exports.use = async ({ core, express, Koa, onExpress, onKoa, onFetch, onRedis, ...rest }) => {
  const { testkit, node } = rest
  const issuer = testkit.createTokenIssuer()
  const guard = core.createGuard(issuer.guardOptions)
  const rule = core.hasScope('orders:read')

  const web = quiet(express())
  web.get('/orders', onExpress.protect(guard, rule), (req, res) => {
    res.send(onExpress.principal(req).subject)
  })
  await serving(web.listen(0, '127.0.0.1'), (base) => tried(base, issuer))

  const koa = quiet(new Koa())
  koa.use(onKoa.protect(guard, rule))
  koa.use((ctx) => {
    ctx.body = onKoa.principal(ctx).subject
  })
  await serving(koa.listen(0, '127.0.0.1'), (base) => tried(base, issuer))

  const handle = onFetch.protect(
    guard,
    rule,
  )((request) => new Response(onFetch.principal(request).subject))
  const authorization = `Bearer ${await issuer.issueToken({ scope: 'orders:read', sub: 'bob' })}`
  const granted = await handle(
    new Request('https://api.test/orders', { headers: { authorization } }),
  )
  assert.equal(await granted.text(), 'bob')
  const refused = await handle(new Request('https://api.test/orders'))
  assert.equal(refused.status, 401)

  // One copy of the core, whichever door it came through.
  for (const adapter of [onExpress, onKoa, onFetch]) {
    assert.equal(adapter.createGuard, core.createGuard)
  }
  await signedIn({ core, express, onExpress, testkit })
  assert.equal(typeof onRedis.redisSessions, 'function')
  assert.equal(typeof node.fromNode, 'function')
  assert.equal(typeof testkit.createAuthorizationServer, 'function')
  assert.throws(() => core.createGuard({ audiance: 'x' }), core.ConfigurationError)
  console.log('used')
}
