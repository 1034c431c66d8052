import { createHash, randomBytes } from 'node:crypto'
import {
  createClient,
  createIdTokenCheck,
  createIssuer,
  createSignedReader,
  privateKeyJwt,
} from '@portcullis/express'
import { createAuthn, createDirectAuthentication, okta } from '@portcullis/okta'
import { createBrowser } from '@portcullis/testkit'
import { failure } from './runs.mjs'

export const scope = 'openid profile offline_access orders:read'

/** What the flows are made with: clients of Portcullis, one for each app of the org. */
export function createClients({ org, api }) {
  const server = (authorizationServer) => okta({ domain: org.url, authorizationServer })
  const main = server('default')

  const registration = (name) => {
    const { clientId: id, clientSecret: secret, key } = org.app(name)
    if (key !== undefined) {
      const { privateKey, kid, alg } = key
      return {
        id,
        authentication: privateKeyJwt({
          key: privateKey,
          kid,
          algorithm: alg,
          audience: (endpoint) => endpoint,
        }),
      }
    }
    return secret === undefined ? { id } : { id, secret }
  }

  return {
    server,
    main,
    settings: org.settings,
    paymentsServer: org.servers.payments.id,
    registration,
    client: (name, { issuer = main.issuer, ...more } = {}) =>
      createClient({ issuer, client: registration(name), ...more }),
    direct: (name, more) =>
      createDirectAuthentication({ server: main, client: registration(name), scope, ...more }),
    authn: () => createAuthn({ okta: main }),
    identityProvider: org.identityProvider('partner'),
    /** What the partner's issuer says about somebody to the custom server. */
    assertion: ({ login: sub }) => org.partner.assertion({ sub, aud: main.issuer }),
    /** Undoes what a recovery did. */
    resetPassword: ({ login, password }) => {
      org.user(login).password = password
    },
    /** Calls the guarded API, as any client would. */
    call: async (desk, { accessToken }, path = '/orders') => {
      const response = await fetch(api.url + path, {
        headers: { authorization: `Bearer ${accessToken}` },
        signal: desk.signal,
      })
      const says = response.ok ? 'takes the access token' : 'refuses the access token'
      desk.say(`The API, guarded by Portcullis, ${says}: ${response.status}.`)
      return response
    },
    ...byHand({ main, org }),
  }
}

/** The front channel without a browser: the demo's own process plays it, with cookies and redirects. */
function byHand({ main, org }) {
  const callback = `${org.url}/played-callback`
  const fill = async (browser, { url, state }, form) => {
    const page = await browser.open(url)
    return answerOf(await browser.submit(page, form, { until: callback }), state)
  }
  return {
    /** An authorization request, and what its answer is checked with. */
    request: (app, type = 'code', more = {}) => {
      const made = { verifier: random(), state: random(), nonce: random(), callback }
      const url = new URL(main.endpoints.authorize)
      url.search = new URLSearchParams({
        client_id: org.app(app).clientId,
        response_type: type,
        redirect_uri: callback,
        scope: type.includes('code') ? scope : 'openid profile orders:read',
        state: made.state,
        nonce: made.nonce,
        ...(type.includes('code') && {
          code_challenge: createHash('sha256').update(made.verifier).digest('base64url'),
          code_challenge_method: 'S256',
        }),
        ...more,
      }).toString()
      return { ...made, url: url.href }
    },
    browser: () => createBrowser(),
    /** Signs in on the page that the browser was led to; gives the answer's parameters. */
    signIn: (browser, request, { login: username, password }) =>
      fill(browser, request, { username, password }),
    fill,
    /** Follows a request that needs no page any more. */
    pass: async (browser, { url, state }) =>
      answerOf(await browser.open(url, { until: callback }), state),
    /** The code of an answer, as a grant of one's own. */
    codeGrant: (code, { verifier, nonce }) => ({
      type: 'authorization_code',
      form: { code, redirect_uri: callback, code_verifier: verifier },
      idToken: { nonce },
      granted: (tokens) => tokens,
    }),
    idTokenCheck: (app) => {
      const issuer = createIssuer({ issuer: main.issuer })
      const readSigned = createSignedReader({ issuer })
      return createIdTokenCheck({ clientId: org.app(app).clientId, issuer, readSigned })
    },
  }
}

function answerOf({ url }, state) {
  const { search, hash } = new URL(url)
  const answer = new URLSearchParams(search || hash.slice(1))
  if (answer.get('state') !== state) throw failure('The answer does not belong to the request.')
  return answer
}

const random = () => randomBytes(32).toString('base64url')
