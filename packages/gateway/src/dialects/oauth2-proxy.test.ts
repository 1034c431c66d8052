import { expect, test } from 'vitest'
import { createCallers } from '../../../../test/support/gateway-caller.ts'
import { refusalOf } from '../../../../test/e2e/support/scene.ts'
import {
  allowed,
  challenge,
  changed,
  forwardedWith,
  malformedBy,
  question,
  refused,
  unavailable,
  type Changes,
  type Fields,
} from '../../../../test/support/gateway-question.ts'
import { createOauth2Proxy } from './oauth2-proxy.ts'

const { read, write } = createOauth2Proxy()
const { caller } = createCallers()

const ask = (fields: Fields, target = '/oauth2/auth', method = 'GET') =>
  read(question(fields, target, method))

const ingress = {
  'X-Original-URL': 'https://API.example:8443/orders?x=1',
  'X-Original-Method': 'DELETE',
  'X-Auth-Request-Redirect': '/orders?x=1',
} as const

const ingressWith = (changes: Changes): Fields => changed(ingress, changes)

const orders = { method: 'DELETE', scheme: 'https', host: 'api.example', target: '/orders?x=1' }

test.each<[string, Fields]>([
  ['nginx, Traefik and Caddy', forwardedWith({ 'X-Forwarded-Method': 'DELETE' })],
  [
    'nginx with X-Original-URI',
    forwardedWith({
      'X-Forwarded-Method': 'DELETE',
      'X-Forwarded-Uri': undefined,
      'X-Original-URI': '/orders?x=1',
    }),
  ],
  [
    'nginx with X-Auth-Request-Redirect alone',
    forwardedWith({
      'X-Forwarded-Method': 'DELETE',
      'X-Forwarded-Uri': undefined,
      'X-Auth-Request-Redirect': '/orders?x=1',
    }),
  ],
  [
    'nginx with all three',
    forwardedWith({
      'X-Forwarded-Method': 'DELETE',
      'X-Original-URI': '/orders?x=1',
      'X-Auth-Request-Redirect': '/orders?x=1',
    }),
  ],
  ['ingress-nginx', ingressWith({})],
  [
    'ingress-nginx behind another proxy',
    ingressWith({ 'X-Forwarded-Proto': 'http', 'X-Forwarded-Host': 'b.example' }),
  ],
])('reads the request as %s relays it', (_, fields) => {
  expect(ask(fields)).toMatchObject(orders)
})

test('where users come back to may be an address of its own', () => {
  const fields = forwardedWith({ 'X-Auth-Request-Redirect': 'https://api.example/start' })
  expect(ask(fields).target).toBe('/orders?x=1')
})

test.each<[string, Fields]>([
  ...['Method', 'Proto', 'Host', 'Uri'].map((part): [string, Fields] => [
    `without X-Forwarded-${part}, which a client could then say`,
    forwardedWith({ [`X-Forwarded-${part}`]: undefined }),
  ]),
  ['two targets', forwardedWith({ 'X-Original-URI': '/public' })],
  ['a target and another way back', forwardedWith({ 'X-Auth-Request-Redirect': '/public' })],
  ['two ways to relay', [...forwardedWith(), ...ingressWith({})]],
  ['the method of the other way', forwardedWith({ 'X-Original-Method': 'GET' })],
  ['an original address without a method', ingressWith({ 'X-Original-Method': undefined })],
  ['an original address with X-Forwarded-Uri', ingressWith({ 'X-Forwarded-Uri': '/public' })],
  ['an original address with X-Forwarded-Method', ingressWith({ 'X-Forwarded-Method': 'GET' })],
  ['an original address with X-Original-URI', ingressWith({ 'X-Original-URI': '/orders?x=1' })],
  ['an original address that is none', ingressWith({ 'X-Original-URL': '/orders?x=1' })],
  ['an original address of nobody', ingressWith({ 'X-Original-URL': 'https:///orders?x=1' })],
  [
    'an original address with a user',
    ingressWith({ 'X-Original-URL': 'https://api.example@b.example/orders?x=1' }),
  ],
  [
    'an original address twice',
    [...ingressWith({}), ['X-Original-URL', ingress['X-Original-URL']]],
  ],
  ['the word of Envoy', forwardedWith({ 'X-Envoy-Original-Path': '/public' })],
  ['a body', forwardedWith({ 'Content-Length': '2' })],
])('refuses a question with %s', (_, fields) => {
  expect(malformedBy(() => ask(fields))).not.toBe('')
})

test.each(['/oauth2/auth?allowed_groups=a', '/oauth2/auth?x=1&allowed%5Femails=a%40b'])(
  'a condition in the query (%s) is refused: obeyed by nobody, it would let too many pass',
  (target) => {
    expect(malformedBy(() => ask(forwardedWith(), target))).toBe('the query holds a condition')
  },
)

test('what else stands in the query is of no consequence', () => {
  const fields = forwardedWith()
  expect(ask(fields, '/oauth2/auth?rd=/public&uri=/public')).toMatchObject({
    method: 'GET',
    target: '/orders?x=1',
  })
})

test.each(['/oauth2/start', '/oauth2/auth/', '/', '/oauth2/sign_in?rd=/'])(
  '%s is not answered',
  (target) => {
    expect(malformedBy(() => ask(forwardedWith(), target))).toBe('only /oauth2/auth is answered')
  },
)

test('another method of the gateway is refused', () => {
  expect(malformedBy(() => ask(forwardedWith(), '/oauth2/auth', 'POST'))).toContain('GET')
})

const who = async (claims: Readonly<Record<string, unknown>>, identity: Fields = []) =>
  write(allowed({ principal: await caller(claims), identity }))

test('allows with 202 and says who it is', async () => {
  const reply = await who({
    email: 'a@b.example',
    groups: ['staff', 'admins'],
    preferred_username: 'alice',
  })
  expect(reply).toEqual({
    status: 202,
    headers: [
      ['X-Auth-Request-User', 'user-1'],
      ['X-Auth-Request-Email', 'a@b.example'],
      ['X-Auth-Request-Groups', 'staff,admins'],
      ['X-Auth-Request-Preferred-Username', 'alice'],
      ['Cache-Control', 'no-store'],
      ['Content-Length', '0'],
    ],
  })
})

test('all four fields are there, whoever it is', async () => {
  const empty = [
    'X-Auth-Request-Email',
    'X-Auth-Request-Groups',
    'X-Auth-Request-Preferred-Username',
  ]
  const { headers } = await who({})
  for (const name of empty) expect(headers).toContainEqual([name, ''])
  const anonymous = write(allowed()).headers
  for (const name of ['X-Auth-Request-User', ...empty]) expect(anonymous).toContainEqual([name, ''])
})

test.each([false, 'false', 0, null])(
  'an address that is verified: %s is not told',
  async (said) => {
    const { headers } = await who({ email: 'boss@b.example', email_verified: said })
    expect(headers).toContainEqual(['X-Auth-Request-Email', ''])
  },
)

test('one that is verified is told, also where that is said in a text', async () => {
  for (const said of [true, 'true']) {
    const { headers } = await who({ email: 'a@b.example', email_verified: said })
    expect(headers).toContainEqual(['X-Auth-Request-Email', 'a@b.example'])
  }
})

test('a field that the configuration writes is written once', async () => {
  const { headers } = await who({}, [['x-auth-request-user', 'client-7']])
  expect(headers.filter(([name]) => name.toLowerCase() === 'x-auth-request-user')).toEqual([
    ['x-auth-request-user', 'client-7'],
  ])
})

test('a value that cannot be a field is refused, not sent', async () => {
  const refusal = await refusalOf(() => who({ preferred_username: 'a\r\nX-Admin: 1' }))
  expect(refusal).toMatchObject({ code: 'claim_refused', status: 403 })
})

test('denies in the codes that nginx carries', () => {
  expect(write(refused(400))).toMatchObject({
    status: 403,
    headers: expect.arrayContaining([['X-Portcullis-Status', '400']]) as unknown,
  })
  expect(write(refused(401, [challenge]))).toMatchObject({
    status: 401,
    headers: expect.arrayContaining([challenge]) as unknown,
  })
  expect(write(refused(403)).status).toBe(403)
  expect(write(unavailable()).status).toBe(503)
})
