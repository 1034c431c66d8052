// node main.mjs: set DOMAIN to that of your org, CLIENT_ID and CLIENT_SECRET to those of an app with the
// grants of direct authentication, and SECRET to 32 random characters. HOST=koa takes Koa.
import { createExpressApp } from './express.mjs'
import { createKoaApp } from './koa.mjs'

const { DOMAIN, CLIENT_ID, CLIENT_SECRET, SECRET, HOST, PORT = '3000' } = process.env
const { APP_URL = `http://127.0.0.1:${PORT}` } = process.env
const createApp = HOST === 'koa' ? createKoaApp : createExpressApp
const app = createApp({
  domain: DOMAIN,
  authorizationServer: 'default',
  client: { id: CLIENT_ID, ...(CLIENT_SECRET && { secret: CLIENT_SECRET }) },
  baseUrl: APP_URL,
  secret: SECRET,
})
app.listen(Number(PORT), '127.0.0.1', () => console.log(`${APP_URL}/account`))
