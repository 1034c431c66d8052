// `npm start`: an authorization server, an Express API, a Koa API and a page to try them, and a web
// application with login on Express and on Koa, and an emulated Okta org with a page that runs every flow
// against it, all on loopback. TOKEN_LIFETIME sets for how many seconds an access token of the web
// applications is good, POLL_INTERVAL how many seconds the emulator wants between two polls.
import { audience, client } from './authorization-server.mjs'
import { startDemo } from './demo.mjs'

const say = (line) => console.log(line)

const { TOKEN_LIFETIME = '30', POLL_INTERVAL = '5' } = process.env
const demo = await startDemo(say, {
  lifetime: Number(TOKEN_LIFETIME),
  pollInterval: Number(POLL_INTERVAL),
})

const stop = async () => {
  say('\nStopping.')
  await demo.close()
  say('Stopped.')
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)

const [express, koa] = demo.apis
const [expressWeb, koaWeb] = demo.webs
const show = 'JSON.parse(fs.readFileSync(0)).access_token'
say(`
Portcullis demo

  Page                  ${demo.url}
  Authorization server  ${demo.issuer}
  Express API           ${express.url}
  Koa API               ${koa.url}
  Express web app       ${expressWeb.url}
  Koa web app           ${koaWeb.url}
  Okta emulator         ${demo.okta}
  Okta flows            ${demo.url}/flows.html

Sign in to a web app as alice or bob; the password is 'password'. Open the page to try tokens, or ask for a token and call the APIs by hand:

  TOKEN=$(curl -s -u ${client.id}:${client.secret} -d grant_type=client_credentials \\
    -d scope=orders:read -d resource=${audience} ${demo.issuer}/token | node -p '${show}')
  curl -i -H "Authorization: Bearer $TOKEN" ${express.url}/orders
  curl -i -H "Authorization: Bearer $TOKEN" ${koa.url}/admin
  curl -i ${koa.url}/orders

Ctrl-C ends everything. What the guards and logins decide is printed below.
`)
