import { introspectionAdvice } from '@portcullis/okta'
import { failure } from './runs.mjs'

const group = 'With a redirect'

/** A person’s own browser goes to Okta’s page and comes back; `createLogin` does the rest (entrance.mjs). */
const code = (clients) => async (desk) => {
  desk.say('createLogin has made state, nonce and a PKCE verifier ready.')
  const arrived = await desk.ask({
    kind: 'link',
    label: `Sign in at Okta’s page as ${desk.user.login}; the password is on the phone`,
    href: '/flows/code/login?return_to=/flows/code/arrived',
  })
  if (arrived.trouble !== undefined) throw failure(`The login was refused: ${arrived.trouble}.`)
  desk.tokens(arrived)
  await clients.call(desk, arrived)
  return `Signed in with a redirect, as ${arrived.claims.sub}. The tokens are in a session of the demo.`
}

const hybrid = (clients) => async (desk) => {
  const request = clients.request('hybrid', 'code id_token')
  desk.say('The demo plays the browser: it opens Okta’s page and signs in there.')
  const answer = await clients.signIn(clients.browser(), request, desk.user)
  const check = clients.idTokenCheck('hybrid')
  const [idToken, authorizationCode] = [answer.get('id_token'), answer.get('code')]
  await check(idToken, { nonce: request.nonce, code: authorizationCode })
  desk.say('The front end has an ID token; its c_hash fits the code.')
  const granted = await clients
    .client('hybrid')
    .trade(clients.codeGrant(authorizationCode, request))
  desk.tokens(granted)
  await clients.call(desk, granted)
  return 'The front end has its ID token, the back end its own tokens.'
}

const implicit = (clients) => async (desk) => {
  const request = clients.request('implicit', 'id_token token')
  desk.say(
    'By hand: Portcullis reads no tokens from the fragment of an address. The demo plays the browser.',
  )
  const answer = await clients.signIn(clients.browser(), request, desk.user)
  const tokens = { accessToken: answer.get('access_token'), idToken: answer.get('id_token') }
  const check = clients.idTokenCheck('implicit')
  await check(tokens.idToken, { nonce: request.nonce, accessToken: tokens.accessToken })
  desk.say('The tokens came in the fragment of an address, where scripts and extensions see them.')
  desk.tokens(tokens)
  await clients.call(desk, tokens)
  return 'There is no refresh token, and nothing proves that the access token was meant for us.'
}

const logout = (clients) => async (desk) => {
  const client = clients.client('portal')
  const browser = clients.browser()
  const request = clients.request('portal')
  desk.say('The demo plays the browser, and signs in with a redirect.')
  const answer = await clients.signIn(browser, request, desk.user)
  const tokens = await client.trade(clients.codeGrant(answer.get('code'), request))
  desk.tokens(tokens)
  const { username } = await client.introspect(tokens.accessToken)
  desk.say(`Introspection: the access token is active, of ${username}.`)
  await client.revoke(tokens.accessToken, 'access_token')
  const { active } = await client.introspect(tokens.accessToken)
  desk.say(`Revoked. Introspection: ${active ? 'still active' : 'not active any more'}.`)
  await clients.call(desk, tokens)
  desk.say('An API that verifies locally takes it until it expires: keep lifetimes short.')
  await client.revoke(tokens.refreshToken, 'refresh_token')
  await refused(desk, client.refresh(tokens.refreshToken))
  await leave(clients, browser, tokens.idToken)
  const again = new URL(request.url)
  again.searchParams.set('prompt', 'none')
  const silent = await clients.pass(browser, { ...request, url: again.href })
  return `Signed out at Okta. A silent login now: ${silent.get('error')}.`
}

async function refused(desk, refreshing) {
  const { code: why } = await refreshing.then(
    () => ({ code: 'nothing: it was taken' }),
    (error) => error,
  )
  desk.say(`The refresh token is revoked too. Trying it: ${why}.`)
}

async function leave({ main }, browser, idToken) {
  const url = new URL(main.endpoints.logout)
  url.searchParams.set('id_token_hint', idToken)
  await browser.open(url.href)
}

const servers = (clients) => async (desk) => {
  const org = clients.server()
  const machine = clients.client('machine', { issuer: org.issuer })
  const own = await machine.clientCredentials({ scope: 'okta.users.read' })
  desk.say('The org server gives a token for Okta’s own APIs, to a client with a key.')
  await clients.call(desk, own)
  desk.say(introspectionAdvice(org))
  const custom = await clients.client('service').clientCredentials({ scope: 'orders:read' })
  desk.say('The custom server gives a token for api://default.')
  desk.tokens(custom)
  await clients.call(desk, custom)
  return 'Your APIs take tokens of a custom server only.'
}

const web = { application: 'web' }

export const redirectFlows = [
  {
    id: 'code',
    group,
    title: 'Authorization code with PKCE',
    text: 'createLogin: your browser goes to Okta’s page and comes back.',
    answers: { ...web, api: 'own', longRunning: true },
    make: code,
  },
  {
    id: 'hybrid',
    group,
    title: 'Hybrid: code id_token',
    text: 'The front end gets an ID token at once. By a played browser: createLogin wants https for it.',
    answers: { ...web, separateTokens: true, api: 'own' },
    isLegacy: true,
    make: hybrid,
  },
  {
    id: 'implicit',
    group,
    title: 'Implicit: id_token token',
    text: 'Tokens straight from the authorization endpoint. By hand, by a played browser.',
    answers: { application: 'browser', oldBrowsers: true, api: 'own', legacy: true },
    isLegacy: true,
    make: implicit,
  },
]

export const afterFlows = [
  {
    id: 'logout',
    group: 'With tokens in hand',
    title: 'Introspection, revocation, logout',
    text: 'What ends when, at Okta and at an API.',
    answers: web,
    make: logout,
  },
  {
    id: 'servers',
    group: 'With tokens in hand',
    title: 'Org server or custom server',
    text: 'A token of each, shown to an API.',
    answers: { application: 'service', api: 'okta' },
    make: servers,
  },
]
