// node main.mjs: set ISSUER, CLIENT_ID and CLIENT_SECRET to those of your registration, SECRET to 32
// random characters, and API and AUDIENCE to those of the API that is called.
import { memorySessions, storedSessions } from '@portcullis/express'
import { createApp } from './app.mjs'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SECRET, API, AUDIENCE, PORT = '3000' } = process.env
const { APP_URL = `http://127.0.0.1:${PORT}` } = process.env
const app = createApp({
  issuer: ISSUER,
  client: { id: CLIENT_ID, secret: CLIENT_SECRET },
  baseUrl: APP_URL,
  // In the memory of this process: take a store that several can share in production.
  sessions: storedSessions(memorySessions(), { secrets: [SECRET] }),
  parameters: { scope: 'openid profile offline_access orders:read', resource: AUDIENCE },
  api: API,
  audience: AUDIENCE,
})
app.listen(Number(PORT), '127.0.0.1', () => console.log(APP_URL))
