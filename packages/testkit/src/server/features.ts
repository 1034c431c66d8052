import { randomBytes } from 'node:crypto'
import type { Configuration, ResourceServer } from 'oidc-provider'
import { InvalidTarget } from 'oidc-provider/lib/helpers/errors.js'
import { certificateOf, subjectMatches } from './certificate.ts'
import type { People } from './people.ts'
import { donePage } from '../html-page.ts'
import { deviceConfirmPage, devicePage, logoutPage } from './pages.ts'
import type { Resource, Settings } from './options.ts'

type Features = NonNullable<Configuration['features']>
type Feature<Name extends keyof Features> = NonNullable<Features[Name]>
type Policy = NonNullable<Feature<'introspection'>['allowedPolicy']>

const on = { enabled: true }

/** Everything that oidc-provider can do and that is no experiment, switched on. */
export function featuresOf(settings: Settings, people: People): Features {
  const { requireDpopNonce = false } = settings
  return {
    backchannelLogout: on,
    claimsParameter: on,
    clientCredentials: on,
    devInteractions: { enabled: false },
    encryption: on,
    introspection: { enabled: true, allowedPolicy: introspects },
    jwtIntrospection: on,
    jwtResponseModes: on,
    jwtUserinfo: on,
    pushedAuthorizationRequests: on,
    registration: on,
    registrationManagement: on,
    requestObjects: on,
    revocation: {
      enabled: true,
      allowedPolicy: (_, client, token) => token.clientId === client.clientId,
    },
    userinfo: on,
    ciba: ciba(people),
    deviceFlow,
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => requireDpopNonce },
    mTLS: mutualTls,
    resourceIndicators: resourceIndicators(settings),
    rpInitiatedLogout: logout(people),
  }
}

const introspects: Policy = (_, client, token) =>
  client.clientAuthMethod !== 'none' || token.clientId === client.clientId

const ciba = (people: People): Feature<'ciba'> => ({
  enabled: true,
  deliveryModes: ['poll', 'ping'],
  processLoginHint: (_, hint) => hint,
  processLoginHintToken: (_, hint) => hint,
  triggerAuthenticationDevice: (_, request) => people.onBackchannelRequest(request),
  validateBindingMessage: () => {},
  validateRequestContext: () => {},
  verifyUserCode: () => {},
})

const deviceFlow: Feature<'deviceFlow'> = {
  enabled: true,
  successSource: (ctx) => {
    ctx.body = donePage('Your device is connected.')
  },
  userCodeConfirmSource: (ctx, form, ...[, , userCode]) => {
    ctx.body = deviceConfirmPage(form, userCode)
  },
  userCodeInputSource: (ctx, form, _out, error) => {
    ctx.body = devicePage(form, error?.message)
  },
}

const logout = (people: People): Feature<'rpInitiatedLogout'> => ({
  enabled: true,
  logoutSource: (ctx, form) => {
    ctx.body = logoutPage(form, people.signedInAs() !== undefined)
  },
  postLogoutSuccessSource: (ctx) => {
    ctx.body = donePage('You are signed out.')
  },
})

const mutualTls: Feature<'mTLS'> = {
  enabled: true,
  certificateBoundAccessTokens: true,
  selfSignedTlsClientAuth: true,
  tlsClientAuth: true,
  certificateAuthorized: ({ req }) => certificateOf(req) !== undefined,
  certificateSubjectMatches: ({ req }, property, expected) =>
    subjectMatches(certificateOf(req), property, expected),
  getCertificate: ({ req }) => certificateOf(req),
}

function resourceIndicators({
  resources,
  defaultResource,
}: Settings): Feature<'resourceIndicators'> {
  const [first] = Object.keys(resources)
  const fallback = defaultResource === false ? undefined : (defaultResource ?? first)
  return {
    enabled: true,
    defaultResource: (ctx, _client, oneOf) => {
      if (oneOf !== undefined) return oneOf
      const { scope, grant_type: grant } = ctx.oidc.params ?? {}
      // With openid the token is for userinfo; a code or a refresh token carries its own resource.
      const identity = typeof scope === 'string' && scope.split(' ').includes('openid')
      const carried = grant !== undefined && grant !== 'client_credentials'
      return identity || carried ? undefined : fallback
    },
    getResourceServerInfo: (_ctx, indicator) => {
      const found = Object.hasOwn(resources, indicator) ? resources[indicator] : undefined
      if (found === undefined) throw new InvalidTarget()
      return resourceServer(indicator, found)
    },
  }
}

function resourceServer(indicator: string, resource: Resource): ResourceServer {
  const { scopes, audience = indicator, lifetime = 300, format = 'jwt', encryption } = resource
  return {
    scope: scopes.join(' '),
    audience,
    accessTokenTTL: lifetime,
    accessTokenFormat: format,
    jwt: {
      sign: { alg: resource.algorithm ?? 'RS256' },
      ...(encryption && { encrypt: encryption }),
    },
  }
}
