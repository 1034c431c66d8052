// node main.mjs: set ISSUER and AUDIENCE to those of your authorization server.
import { createApp } from './app.mjs'

const { ISSUER, AUDIENCE, PORT = '3000' } = process.env
const app = createApp({ issuer: ISSUER, audience: AUDIENCE })
const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`)
})
