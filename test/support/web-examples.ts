import type { RequestListener } from 'node:http'
import type { LoginOptions } from '@portcullis/core'
import { createApp as createExpressWeb } from '../../examples/express-web/app.mjs'
import { serve } from '../../examples/fetch-api/serve.mjs'
import { createApp as createFetchWeb } from '../../examples/fetch-web/app.mjs'
import { createApp as createKoaWeb } from '../../examples/koa-web/app.mjs'

/** A login, and the API that the pages call. */
export type WebExampleOptions = LoginOptions & {
  readonly api: string | undefined
  readonly audience: string | undefined
}

export interface WebExample {
  readonly name: string
  readonly app: (options: WebExampleOptions) => RequestListener
}

/** The example web applications, as listeners. */
export const webExamples: readonly WebExample[] = [
  { name: 'express-web', app: (options) => createExpressWeb(options) },
  { name: 'koa-web', app: (options) => createKoaWeb(options).callback() },
  {
    name: 'fetch-web',
    app: (options) => {
      const server = serve(createFetchWeb(options))
      return (req, res) => void server.emit('request', req, res)
    },
  },
]
