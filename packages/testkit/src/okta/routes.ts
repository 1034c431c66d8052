import { authorize } from './authorize/endpoint.ts'
import { asPage } from './authorize/refusals.ts'
import { comeBack, showUpstream, upstream } from './authorize/social.ts'
import { login } from './authorize/login.ts'
import { pushRequest } from './authorize/parameters.ts'
import { startBackchannel } from './backchannel.ts'
import { activate, deviceAuthorize, showActivate } from './device.ts'
import { challenge, oobAuthenticate, primaryAuthenticate } from './direct/endpoints.ts'
import { discoveryRoutes, keys, serverOf } from './discovery.ts'
import { introspect, revoke } from './introspection.ts'
import { interact } from './interact.ts'
import { logout } from './logout.ts'
import { managementRoutes } from './management.ts'
import type { Org } from './org.ts'
import type { Server } from './servers.ts'
import { token } from './token/endpoint.ts'
import { userinfo } from './userinfo.ts'
import {
  oauthError,
  type Answer,
  type Call,
  type OktaEndpoint,
  type Refusal,
  type Route,
} from './wire.ts'

type ServerAnswer = (org: Org, server: Server, call: Call) => Answer | Promise<Answer>
type Row = readonly [
  methods: string,
  name: string,
  endpoint: OktaEndpoint,
  answer: ServerAnswer,
  more?: Pick<Route, 'isLimited' | 'hasCors'>,
]

const cors = { hasCors: true }

// okta-protocol §1.2, for the org server and every other one alike.
const table: readonly Row[] = [
  ['GET POST', 'authorize', 'authorization', authorize],
  ['POST', 'par', 'pushedAuthorization', pushRequest, cors],
  ['POST', 'token', 'token', token, cors],
  ['POST', 'introspect', 'introspection', introspect, cors],
  ['POST', 'revoke', 'revocation', revoke, cors],
  ['GET POST', 'userinfo', 'userinfo', userinfo, cors],
  ['GET', 'keys', 'jwks', keys, { hasCors: true, isLimited: false }],
  ['GET POST', 'logout', 'logout', logout],
  ['POST', 'device/authorize', 'deviceAuthorization', deviceAuthorize, cors],
  ['POST', 'bc/authorize', 'backchannelAuthentication', startBackchannel],
  ['POST', 'primary-authenticate', 'primaryAuthenticate', primaryAuthenticate],
  ['POST', 'challenge', 'challenge', challenge],
  ['POST', 'interact', 'interact', interact, cors],
  ['POST', 'oob-authenticate', 'oobAuthenticate', oobAuthenticate],
]

/** Every door of the OAuth side. */
export const oauthRoutes = (org: Org): readonly Route[] => [
  ...discoveryRoutes(org),
  ...managementRoutes(org),
  ...table.flatMap((row) => routesOf(org, row)),
  {
    method: 'POST',
    path: /^\/login\/(?<id>\w+)$/,
    endpoint: 'login',
    answer: (call) => login(org, call),
  },
  {
    method: 'GET',
    path: /^\/upstream\/(?<id>\w+)\/authorize$/,
    endpoint: 'login',
    answer: (call) => showUpstream(org, call),
  },
  {
    method: 'POST',
    path: /^\/upstream\/(?<id>\w+)\/authorize$/,
    endpoint: 'login',
    answer: (call) => upstream(org, call),
  },
  {
    method: 'GET',
    path: /^\/oauth2\/v1\/authorize\/callback$/,
    endpoint: 'login',
    answer: (call) => comeBack(org, call),
  },
  { method: 'GET', path: /^\/activate$/, endpoint: 'device', answer: showActivate },
  {
    method: 'POST',
    path: /^\/activate$/,
    endpoint: 'device',
    answer: (call) => activate(org, call),
  },
]

// Without API Access Management an org has no custom servers that a client could use.
const noCustomServers = (): Refusal =>
  oauthError(400, 'unauthorized_client', 'This client cannot use a custom authorization server.')

// A custom server's id is never `v1`, or the two kinds of paths would run into each other.
function routesOf(org: Org, [methods, name, endpoint, answer, more]: Row): readonly Route[] {
  const path = new RegExp(`^/oauth2(?:/(?<id>(?!v1/)[^/]+))?/v1/${name}$`)
  return methods.split(' ').map((method) => ({
    // The table above has no other.
    method: method as Route['method'],
    path,
    endpoint,
    answer: (call) => {
      const server = serverOf(org, call.path['id'])
      const isShown = endpoint === 'authorization' || endpoint === 'logout'
      if (server.isOrg || org.settings.apiAccessManagement) return answer(org, server, call)
      const refused = noCustomServers()
      return isShown ? asPage(refused) : Promise.reject(refused)
    },
    ...more,
  }))
}
