import { failure } from './runs.mjs'
import { withFactor } from './second-step.mjs'

/** Name and password for a session token: good once, for five minutes. */
async function primary(clients, desk) {
  const { login: username, password } = desk.user
  const answer = await clients.authn().signIn({ username, password }, { signal: desk.signal })
  if (answer.status !== 'SUCCESS') throw failure(`The sign-in stands at ${answer.status}.`)
  desk.say('Primary authentication: SUCCESS, with a session token for one use.')
  return answer
}

async function redeem(clients, desk, { answer, request }) {
  const grant = clients.codeGrant(answer.get('code'), request)
  const tokens = await clients.client('portal').trade(grant)
  desk.tokens(tokens)
  await clients.call(desk, tokens)
}

const toAuthorize = (clients) => async (desk) => {
  const success = await primary(clients, desk)
  const request = clients.request('portal')
  const url = success.authorizeUrl(request.url)
  desk.say('The browser, played by the demo, takes it to the authorization endpoint.')
  const answer = await clients.pass(clients.browser(), { ...request, url })
  await redeem(clients, desk, { answer, request })
  return 'A sign-in page of your own, then a code, then tokens.'
}

const toCookie = (clients) => async (desk) => {
  const success = await primary(clients, desk)
  const browser = clients.browser()
  const target = `${clients.main.origin}/app/UserHome`
  await browser.send(success.sessionCookieRedirectUrl(target))
  desk.say('The session token has become a cookie of the org in the played browser.')
  const request = clients.request('portal')
  const silent = new URL(request.url)
  silent.searchParams.set('prompt', 'none')
  const again = { ...request, url: silent.href }
  await redeem(clients, desk, { answer: await clients.pass(browser, again), request })
  const { sessions } = clients.authn()
  const which = { cookie: browser.cookiesFor(`${clients.main.origin}/`) }
  const session = await sessions.get(which)
  desk.say(`Sessions API: the session is ${session.status}.`)
  const { status } = await sessions.close(which)
  const after = await clients.pass(browser, again)
  return `The session is ${status}. A silent login now: ${after.get('error')}.`
}

const answers = {
  application: 'web',
  redirect: false,
  trusted: true,
  engine: 'classic',
  ownPage: 'okta-session',
}
const group = 'Authentication API'

export const authenticationFlows = [
  {
    id: 'authn-authorize',
    group,
    title: 'Session token to authorize',
    text: 'Primary authentication, then a code without a page of Okta’s.',
    answers,
    make: toAuthorize,
  },
  {
    id: 'authn-cookie',
    group,
    title: 'Session token to cookie',
    text: 'The org’s own session: single sign-on, Sessions API, close.',
    answers,
    make: toCookie,
  },
  {
    id: 'authn-factor',
    group,
    title: 'With a second factor',
    text: 'MFA_REQUIRED, MFA_CHALLENGE, SUCCESS: step by step, as Okta links them.',
    answers,
    make: withFactor,
  },
]
