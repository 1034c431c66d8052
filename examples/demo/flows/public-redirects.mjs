import { failure } from './runs.mjs'

const group = 'With a redirect'

const played = 'The demo plays the browser: it opens Okta’s page and signs in there.'

const publicClient = (clients) => async (desk) => {
  const request = clients.request('phoneApp')
  desk.say('The app on the device has no secret, but a verifier that it has just made up.')
  desk.say(played)
  const answer = await clients.signIn(clients.browser(), request, desk.user)
  const client = clients.client('phoneApp')
  const tokens = await client.trade(clients.codeGrant(answer.get('code'), request))
  desk.tokens(tokens)
  await clients.call(desk, tokens)
  return 'Whoever catches the code on its way can do nothing with it: they lack the verifier.'
}

const elsewhere = (clients) => async (desk) => {
  const { id, name } = clients.identityProvider
  const { login } = desk.user
  const request = clients.request('portal', 'code', {
    idp: id,
    idp_scope: 'calendar',
    login_hint: login,
  })
  desk.say(`Okta is told to send the browser on to ${name}, and gets no password itself.`)
  const answer = await clients.fill(clients.browser(), request, { username: login })
  const tokens = await clients
    .client('portal')
    .trade(clients.codeGrant(answer.get('code'), request))
  if (tokens.claims.idp !== id) throw failure('The ID token names another identity provider.')
  desk.tokens(tokens)
  await clients.call(desk, tokens)
  return `Signed in at ${name}: the claim idp of the ID token says so.`
}

const own = { api: 'own', longRunning: true }

export const publicRedirectFlows = [
  {
    id: 'public-client',
    group,
    title: 'Code for a public client',
    text: 'A native app or a page without a back end: PKCE in place of a secret. By a played browser.',
    answers: { application: 'native', ...own },
    make: publicClient,
  },
  {
    id: 'social',
    group,
    title: 'External identity provider',
    text: 'The parameters idp, idp_scope and login_hint: Okta leads on to somebody else’s page.',
    answers: { application: 'web', ...own },
    make: elsewhere,
  },
]
