// node main.mjs: set ISSUER and AUDIENCE to those of your authorization server.
import { createApp } from './app.mjs'
import { serve } from './serve.mjs'

const { ISSUER, AUDIENCE, PORT = '3000' } = process.env
const server = serve(createApp({ issuer: ISSUER, audience: AUDIENCE }))
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`)
})
