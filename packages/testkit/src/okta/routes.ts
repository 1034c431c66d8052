import { authorize } from './authorize/endpoint.ts'
import { login } from './authorize/login.ts'
import { pushRequest } from './authorize/parameters.ts'
import { startBackchannel } from './backchannel.ts'
import { activate, deviceAuthorize, showActivate } from './device.ts'
import { challenge, oobAuthenticate, primaryAuthenticate } from './direct/endpoints.ts'
import { discoveryRoutes, keys, serverOf } from './discovery.ts'
import { introspect, revoke } from './introspection.ts'
import { logout } from './logout.ts'
import { managementRoutes } from './management.ts'
import type { Org } from './org.ts'
import type { Server } from './servers.ts'
import { token } from './token/endpoint.ts'
import { userinfo } from './userinfo.ts'
import type { Answer, Call, OktaEndpoint, Route } from './wire.ts'

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
  { method: 'GET', path: /^\/activate$/, endpoint: 'device', answer: showActivate },
  {
    method: 'POST',
    path: /^\/activate$/,
    endpoint: 'device',
    answer: (call) => activate(org, call),
  },
]

// A custom server's id is never `v1`, or the two kinds of paths would run into each other.
function routesOf(org: Org, [methods, name, endpoint, answer, more]: Row): readonly Route[] {
  const path = new RegExp(`^/oauth2(?:/(?<id>(?!v1/)[^/]+))?/v1/${name}$`)
  return methods.split(' ').map((method) => ({
    // The table above has no other.
    method: method as Route['method'],
    path,
    endpoint,
    answer: (call) => answer(org, serverOf(org, call.path['id']), call),
    ...more,
  }))
}
