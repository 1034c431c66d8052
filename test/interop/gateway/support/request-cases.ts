import {
  caseHost,
  pathCases,
  requestCases,
  type Caller,
  type PathCase,
  type RequestCase,
} from '../../../support/gateway-cases.ts'
import type { WireRequest } from './wire.ts'

/** A request of whatever shape, and the status that is right for it. */
export interface SentCase {
  readonly name: string
  /** Its credentials are added to it. */
  readonly request: Omit<WireRequest, 'port'>
  readonly caller: Caller
  readonly status: 200 | 400 | 401 | 403
}

const reader: Caller = ['orders:read']

const sent = (
  name: string,
  status: SentCase['status'],
  caller: Caller,
  request: SentCase['request'],
): SentCase => ({ name, status, caller, request: { host: caseHost, ...request } })

const ofRequest = (one: RequestCase): SentCase =>
  sent(one.name, one.status, one.caller, {
    method: one.method,
    target: one.target,
    ...(one.host !== undefined && { host: one.host }),
    ...(one.headers && { fields: Object.entries(one.headers) }),
  })

// What would end the line cannot be sent as a target, and hosts in targets have cases of their own.
const isSendable = ({ target }: PathCase): boolean => !/^$|^http|[\r\n]/.test(target)

// Of their one-way paths only this one has a route.
const ofPath = ({ name, target, path }: PathCase): SentCase =>
  sent(`path: ${name}`, path === undefined ? 400 : path === '/orders' ? 200 : 403, reader, {
    host: 'path.example',
    target,
  })

const lines = (...parts: readonly string[]): string => `${parts.join('\r\n')}\r\n\r\n`

const onTheWire: readonly SentCase[] = [
  sent('a host with a port', 200, reader, { host: `${caseHost}:8443` }),
  sent('a host in upper case', 200, ['admin'], { host: 'ADMIN.Example', target: '/x' }),
  sent('a host with a dot at the end', 200, ['admin'], { host: 'admin.example.', target: '/x' }),
  sent('a host of another site, in upper case', 403, reader, {
    host: 'ADMIN.Example',
    target: '/x',
  }),
  sent('a host with a path', 400, reader, { host: 'admin.example/public' }),
  sent('a host with a user', 400, reader, { host: 'admin.example@api.example' }),
  sent('an empty host', 400, reader, { host: '' }),
  sent('two hosts', 400, reader, { fields: [['Host', 'admin.example']] }),
  sent('an absolute target', 200, reader, { target: `http://${caseHost}/orders/1` }),
  sent('an absolute target of another host', 403, reader, { target: 'http://admin.example/x' }),
  sent('an absolute target beside a host with rights', 403, ['guest', 'orders:read'], {
    host: 'admin.example',
    target: `http://${caseHost}/nowhere`,
  }),
  sent('no host, in HTTP/1.0', 400, 'nobody', { text: lines('GET /public/a HTTP/1.0') }),
  sent('a host in HTTP/1.0', 200, 'nobody', {
    text: lines('GET /public/a HTTP/1.0', `Host: ${caseHost}`),
  }),
  sent('no host, in HTTP/1.1', 400, 'nobody', {
    text: lines('GET /public/a HTTP/1.1', 'Connection: close'),
  }),
  sent('a request without a version', 400, 'nobody', { text: 'GET /public/a\r\n\r\n' }),
  sent('a method that nobody knows', 403, reader, { method: 'BREW' }),
  sent('TRACE', 403, reader, { method: 'TRACE' }),
  sent('CONNECT', 400, reader, { method: 'CONNECT', target: `${caseHost}:443` }),
  sent('CONNECT with a path', 403, reader, { method: 'CONNECT' }),
  sent('a method with a slash', 400, reader, { method: 'GET/', target: '/public/a' }),
  sent('a preflight without an origin', 403, 'nobody', {
    method: 'OPTIONS',
    fields: [['Access-Control-Request-Method', 'GET']],
  }),
  sent('OPTIONS of the whole server', 400, reader, { method: 'OPTIONS', target: '*' }),
  sent('a method override to what is allowed', 403, reader, {
    method: 'DELETE',
    target: '/orders/1/2',
    fields: [['X-HTTP-Method-Override', 'GET']],
  }),
  sent('a query that looks like a path', 403, 'nobody', { target: '/nowhere?/../public/a' }),
  sent('a token in the query', 401, 'nobody', { target: '/orders/1?access_token=a.b.c' }),
  sent('a target of 6,000 characters', 200, reader, { target: `/orders/${'a'.repeat(6000)}` }),
  sent('a target of 20,000 characters', 200, reader, { target: `/orders/${'a'.repeat(20_000)}` }),
  sent('a field of 20,000 characters', 200, reader, { fields: [['X-Long', 'a'.repeat(20_000)]] }),
  sent('dots out of a public folder, with a token', 400, reader, {
    target: '/public/../orders/1',
  }),
  sent('encoded dots into a public folder', 400, 'nobody', {
    target: '/orders/1/%2e%2e/%2e%2e/public/a',
  }),
  sent('a backslash into a public folder', 400, 'nobody', { target: '/orders\\..\\public\\a' }),
  sent('a null behind a public folder', 400, 'nobody', { target: '/public/a%00/../../orders/1' }),
  sent('a public folder behind a fragment', 400, 'nobody', { target: '/orders/1#/../../public/a' }),
  sent('a public folder in a parameter', 400, 'nobody', { target: '/orders/1;/../../public/a' }),
  sent('an encoded slash in a parameter', 400, reader, { target: '/orders/1%2fitems' }),
  sent('a double slash out of a public folder', 400, 'nobody', { target: '/public//orders/1' }),
]

/** Every request of the table, through a real gateway. */
export const sentCases: readonly SentCase[] = [
  ...requestCases.map(ofRequest),
  ...onTheWire,
  ...pathCases.filter(isSendable).map(ofPath),
]
