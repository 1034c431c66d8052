import { oktaIssuer } from '@portcullis/okta'
import { scope } from './clients.mjs'
import { failure } from './runs.mjs'

const legacyPasswordGrant = 'exposes-passwords-to-this-application'

const signedIn = (client, { login: username, password }, wanted = scope) =>
  client.password({ username, password, scope: wanted })

const password = (clients) => async (desk) => {
  const client = clients.client('trusted', { legacyPasswordGrant })
  const tokens = await signedIn(client, desk.user)
  desk.say('The application has seen the password, and traded it.')
  desk.tokens(tokens)
  await clients.call(desk, tokens)
  return 'Signed in. Only with the option legacyPasswordGrant.'
}

const clientCredentials = (clients) => async (desk) => {
  const client = clients.client('service')
  const tokens = await client.clientCredentials({ scope: 'orders:read' })
  desk.tokens(tokens)
  await clients.call(desk, tokens)
  await client.clientCredentials({ scope: 'orders:read' })
  desk.say('Asked again: the token is kept, and renewed ahead of its end.')
  return 'There is no user, no ID token and no refresh token.'
}

const refresh = (clients) => async (desk) => {
  const client = clients.client('rotating', { legacyPasswordGrant })
  const first = await signedIn(client, desk.user)
  desk.say('To have something to refresh, the demo has signed in.')
  const second = await client.refresh(first.refreshToken, { subject: first.claims.sub })
  const isRotated = second.refreshToken !== first.refreshToken
  desk.say(`Refreshed. The refresh token is ${isRotated ? 'a new one' : 'the same'}.`)
  desk.tokens(second)
  await clients.call(desk, second)
  const stolen = await client.refresh(first.refreshToken).catch((error) => error)
  desk.say(`The old one again, as a thief would: ${stolen.code}.`)
  const after = await client.refresh(second.refreshToken).catch((error) => error)
  return `That ends the whole family: the new one is refused too, ${after.code}.`
}

/** Waits for somebody elsewhere. */
async function waited(clients, desk, pending, note) {
  desk.show(note)
  const outcome = await pending.wait({
    signal: desk.signal,
    onProgress: ({ expiresIn }) =>
      desk.show({ ...note, detail: `${Math.round(expiresIn)} seconds left` }),
  })
  desk.show(undefined)
  if (outcome.status !== 'granted')
    throw failure(`The person said no, or nothing: ${outcome.status}.`)
  desk.tokens(outcome.tokens)
  await clients.call(desk, outcome.tokens)
  return 'Granted on another device.'
}

const device = (clients) => async (desk) => {
  const attempt = await clients.client('television').deviceCode({ scope })
  desk.say('The television has a code, and polls.')
  const value = attempt.userCode
  return waited(clients, desk, attempt, {
    label: 'Open the address, or allow it on the phone',
    value,
    href: attempt.verificationUri,
    device: value,
  })
}

const ciba = (clients) => async (desk) => {
  // Okta's metadata do not name the endpoint; this issuer does.
  const client = clients.client('counter', { issuer: oktaIssuer(clients.main) })
  const pending = await client.ciba({ loginHint: desk.user.login, scope: 'openid orders:read' })
  desk.say('The counter asks for somebody who is not at its screen, and polls.')
  return waited(clients, desk, pending, { label: 'Approve on the phone' })
}

const exchange = (clients) => async (desk) => {
  const caller = clients.client('rotating', { legacyPasswordGrant })
  const { accessToken } = await signedIn(caller, desk.user, 'openid orders:read')
  desk.say('An API was called with this access token, and must call another one.')
  const { issuer } = clients.server(clients.paymentsServer)
  const api = clients.client('service', { issuer })
  const wish = { audience: 'api://payments', scope: 'orders:read' }
  const { token } = await api.onBehalfOf(accessToken, wish)
  desk.tokens({ accessToken: token })
  return 'The new token is for api://payments, and still about the same user.'
}

const assertion = (clients) => async (desk) => {
  desk.say('A partner’s issuer, which the custom server trusts, has signed who this is about.')
  const tokens = await clients
    .client('service')
    .jwtBearer(clients.assertion(desk.user), { scope: 'orders:read' })
  desk.tokens(tokens)
  await clients.call(desk, tokens)
  return 'An assertion was traded for a token of the user, who was not asked again.'
}

const service = { application: 'service' }
const group = 'Without a browser'

export const grantFlows = [
  {
    id: 'client-credentials',
    group,
    title: 'Client credentials',
    text: 'A service calls an API as itself.',
    answers: { ...service, api: 'own' },
    make: clientCredentials,
  },
  {
    id: 'device',
    group,
    title: 'Device code',
    text: 'A television without a keyboard.',
    answers: { application: 'native', user: 'other-device', api: 'own' },
    make: device,
  },
  {
    id: 'ciba',
    group,
    title: 'CIBA',
    text: 'A counter asks somebody on their phone.',
    answers: { application: 'web', user: 'on-phone' },
    make: ciba,
  },
  {
    id: 'exchange',
    group,
    title: 'Token exchange',
    text: 'An API calls another one on behalf of its caller.',
    answers: { ...service, holds: 'access-token' },
    make: exchange,
  },
  {
    id: 'jwt-bearer',
    group,
    title: 'JWT bearer',
    text: 'An assertion of another issuer, traded for a token.',
    answers: { ...service, holds: 'jwt-assertion' },
    make: assertion,
  },
  {
    id: 'password',
    group,
    title: 'Resource owner password',
    text: 'Name and password, traded for tokens.',
    answers: {
      application: 'web',
      redirect: false,
      trusted: true,
      engine: 'classic',
      mfa: 'never',
      legacy: true,
    },
    isLegacy: true,
    make: password,
  },
]

export const refreshFlow = {
  id: 'refresh',
  group: 'With tokens in hand',
  title: 'Refresh, with rotation',
  text: 'A new access token; and what becomes of a stolen refresh token.',
  answers: { application: 'native', holds: 'refresh-token', longRunning: true },
  make: refresh,
}
