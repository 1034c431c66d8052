// node terminal.mjs password+push ada@example.com: set DOMAIN to that of your org, CLIENT_ID and
// CLIENT_SECRET to those of an app with the grants of direct authentication.
import { createInterface } from 'node:readline/promises'
import { createDirectAuthentication, okta } from '@portcullis/okta'
import { variants } from './variants.mjs'

const { DOMAIN, CLIENT_ID, CLIENT_SECRET } = process.env
const [name, username] = process.argv.slice(2)
const signIn = Object.hasOwn(variants, name ?? '') ? variants[name] : undefined
if (signIn === undefined || username === undefined) {
  console.error(`node terminal.mjs <${Object.keys(variants).join('|')}> <user name>`)
  process.exit(1)
}
const direct = createDirectAuthentication({
  server: okta({ domain: DOMAIN, authorizationServer: 'default' }),
  client: { id: CLIENT_ID, ...(CLIENT_SECRET && { secret: CLIENT_SECRET }) },
  scope: 'openid profile',
})
const lines = createInterface({ input: process.stdin, output: process.stderr })
// What is typed shows on a terminal: for trying out, not for people's own passwords.
const ask = (question) => lines.question(question)
const answer = await signIn(direct, { username, ask, show: (text) => console.error(text) })
lines.close()
if (answer.status === 'tokens')
  console.log(`${answer.claims.sub} by ${answer.claims.amr.join(', ')}`)
else {
  console.error(answer.status === 'failed' ? answer.code : answer.status)
  process.exitCode = 1
}
