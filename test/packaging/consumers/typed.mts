import { createServer } from 'node:http'
import * as core from '@portcullis/core'
import { fromNode, sendNode } from '@portcullis/core/node'
import {
  createGuard,
  hasAnyScope,
  hasScope,
  principal,
  protect,
  routes as onExpressRoutes,
} from '@portcullis/express'
import '@portcullis/express/augment'
import * as onFetch from '@portcullis/fetch'
import { createGateway, type Gateway, type GatewayConfig } from '@portcullis/gateway'
import { createLambdaAuthorizer, type LambdaAuthorizer } from '@portcullis/gateway/lambda'
import * as onKoa from '@portcullis/koa'
import '@portcullis/koa/augment'
import { createAuthorizationServer, createTokenIssuer } from '@portcullis/testkit'
import express, { type ErrorRequestHandler } from 'express'
import Koa from 'koa'

const guard: core.Guard = createGuard({
  issuer: 'https://id.example.com',
  audience: ['https://api.example.com'],
  clockTolerance: 5,
  observe: (event) => console.log(event),
})

const app = express()
app.get('/orders', protect(guard, hasScope('orders:read')), (req, res) => {
  const subject: string | undefined = principal(req).subject
  res.json({ subject, same: req.auth?.subject })
})
const onError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (!core.Refusal.is(error)) return next(error)
  const code: core.RefusalCode = error.code
  res.status(error.status).set(error.headers).json({ code })
}
app.use(onError)

const login: core.Login = core.createLogin({
  issuer: 'https://id.example.com',
  client: { id: 'web', secret: 'secret' },
  baseUrl: 'https://app.example.com',
  sessions: core.storedSessions(core.memorySessions(), {
    secrets: ['a secret of at least thirty-two characters'],
  }),
  onSignIn: ({ claims }) => ({ data: { name: claims['name'] } }),
})
app.use(onExpressRoutes(login.handler))
app.get('/account', protect(createGuard({ login })), async (req, res) => {
  const token: string = await core.accessToken(req)
  res.json({ token, data: core.session(req)?.data })
})

const koa = new Koa()
koa.use(onKoa.protect(guard, hasAnyScope('a', 'b')))
koa.use((ctx) => {
  const scopes: readonly string[] = onKoa.principal(ctx).scopes
  ctx.body = { scopes, same: ctx.state.auth?.subject }
})

const handler = onFetch.protect(guard)((request) =>
  Response.json({ subject: onFetch.principal(request).subject }),
)
export const answer: Promise<Response> = handler(new Request('https://api.example.com/'))

export const server: ReturnType<typeof createServer> = createServer(async (req, res) => {
  const verdict = await guard.check(
    fromNode(req, req, {
      address: ({ url = '/' }) => ({ protocol: 'https', host: 'api.example.com', target: url }),
      body: () => undefined,
    }),
  )
  if (verdict.granted) sendNode(res, { status: 204, headers: verdict.headers })
  else sendNode(res, verdict.reply ?? { status: verdict.refusal.status, headers: [] })
})

const issuer = createTokenIssuer()
export const tested: core.Guard = createGuard(issuer.guardOptions)
export const started = createAuthorizationServer()

export const rule: core.Rule = (who) =>
  who.issuer === 'https://id.example.com' ? undefined : core.forbidden('another issuer')

const config: GatewayConfig = {
  listen: [{ dialect: 'nginx', tcp: '127.0.0.1:9101' }],
  issuers: [{ id: 'main', issuer: 'https://id.example.com', audience: 'https://api.example.com' }],
  routes: [{ path: '/orders/{id}', rules: { scopes: ['orders:read'], custom: ['mine'] } }],
}
export const gateway: Gateway = createGateway(config, { rules: { mine: rule } })
app.use(onExpressRoutes(gateway.handler('nginx')))
const { issuers, routes } = config
export const authorizer: LambdaAuthorizer = createLambdaAuthorizer({ issuers, routes })
