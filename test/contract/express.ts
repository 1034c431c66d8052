import express5 from 'express'
import express4 from 'express4'
import { optionalPrincipal, principal, protect, routes } from '@portcullis/express'
import type { AdapterUnderTest, Setup } from '@portcullis/testkit/contract'
import type { ErrorRequestHandler, RequestHandler } from 'express'

const createApp =
  (express: typeof express5) =>
  ({ guard, rules, answer, mount, handler, onError, ...wish }: Setup) => {
    const app = express()
    const reply: RequestHandler = (req, res) => {
      const reading = {
        principal: () => principal(req),
        optionalPrincipal: () => optionalPrincipal(req),
      }
      const body = JSON.stringify(answer(reading))
      if (!res.headersSent) res.type('json')
      res.end(body)
    }
    app.set('trust proxy', wish.proxy)
    if (wish.parsedBody) app.use(express.urlencoded({ extended: false }))
    if (wish.parsedJson) app.use(express.json())
    if (wish.sendFirst) app.use((_req, res, next) => void res.write('early', () => next()))
    if (handler) app.use(routes(handler))
    const router = express.Router()
    router.all('/guarded', protect(guard, ...rules), reply)
    app.use(mount || '/', router)
    app.all('/unguarded', reply)
    const handle: ErrorRequestHandler = (error, _req, res, _next) =>
      void res.status(onError?.(error) ?? 0).end()
    if (onError) app.use(handle)
    return app
  }

// Express puts its own prototypes, made for HTTP/1, under every request.
const lacks = ['http2'] as const

export const expresses: readonly AdapterUnderTest[] = [
  { name: 'Express 4', createApp: createApp(express4), lacks },
  { name: 'Express 5', createApp: createApp(express5), lacks },
]
