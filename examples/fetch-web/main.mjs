// node main.mjs: set ISSUER, CLIENT_ID and CLIENT_SECRET to those of your registration, SECRET to 32
// random characters, and API and AUDIENCE to those of the API that is called.
import { sealedSessions } from '@portcullis/fetch'
import { serve } from '../fetch-api/serve.mjs'
import { createApp } from './app.mjs'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET, API, AUDIENCE, PORT = '3000' } = process.env
const { APP_URL = `http://127.0.0.1:${PORT}` } = process.env
const app = createApp({
  issuer: ISSUER,
  client: { id: CLIENT_ID, secret: CLIENT_SECRET },
  baseUrl: APP_URL,
  // In the browser: there is no store.
  sessions: sealedSessions({ secrets: [SECRET] }),
  parameters: { scope: 'openid profile offline_access orders:read', resource: AUDIENCE },
  api: API,
  audience: AUDIENCE,
})
serve(app).listen(Number(PORT), '127.0.0.1', () => console.log(APP_URL))
