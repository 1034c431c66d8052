import { readFileSync } from 'node:fs'
import { ConfigurationError } from '@portcullis/core'
import { describe, expect, test } from 'vitest'
import type { GatewayConfig } from './config.ts'
import { loadConfig, parseConfig, readConfig } from './read.ts'
import type { Sources } from './references.ts'

const base = {
  listen: [{ dialect: 'nginx', tcp: '127.0.0.1:9101' }],
  issuers: [{ id: 'main', issuer: 'https://id.test', audience: 'https://api.test' }],
  routes: [{ path: '/**' }],
}

/** The problems of a text, without its name. */
function problems(text: string, sources: Sources = {}): readonly string[] {
  try {
    parseConfig(text, 'g.yaml', { env: {}, ...sources })
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.message.split('\n').map((line) => line.replace(/^g\.yaml:/, ''))
  }
}

/** The problems of a document with these members in place of the usual ones. */
function wrong(members: object): readonly string[] {
  try {
    readConfig({ ...base, ...members })
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.message.split('\n')
  }
}

const issuer = base.issuers[0]
const introspection = { client: { id: 'gw', secret: 'x' } }

describe('a document', () => {
  const text = `
listen: [{ dialect: nginx, unix: /run/g.sock }]
issuers:
  - id: main
    issuer: https://id.test
    audience: [a, b]
routes:
  - path: /orders/{id}
`

  test('in YAML becomes the configuration as it stands there', () => {
    expect(parseConfig(text, 'g.yaml')).toEqual({
      listen: [{ dialect: 'nginx', unix: '/run/g.sock' }],
      issuers: [{ id: 'main', issuer: 'https://id.test', audience: ['a', 'b'] }],
      routes: [{ path: '/orders/{id}' }],
    })
  })

  test('in JSON is read the same way, tabs and all', () => {
    expect(parseConfig(JSON.stringify(base, null, '\t'), 'g.json')).toEqual(base)
  })

  test('in code is given back as it is', () => {
    expect(readConfig(base)).toBe(base)
    const loopback = [{ ...issuer, issuer: 'http://id.localhost:9000' }]
    expect(wrong({ issuers: loopback })).toEqual([])
  })

  test('of the guide is without a mistake', () => {
    const page = readFileSync(
      new URL('../../../../docs/guide/gateway-configuration.md', import.meta.url),
      'utf8',
    )
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
    expect(problems(example, { readFile: () => 'secret\n' })).toEqual([])
  })

  test('that is a file is read through whoever reads files', () => {
    const config = loadConfig('/etc/gateway.yaml', { env: {}, readFile: () => text })
    expect(config.routes).toHaveLength(1)
    const unreadable = () => {
      throw Object.assign(new Error('secret words'), { code: 'ENOENT' })
    }
    expect(() => loadConfig('/etc/gateway.yaml', { readFile: unreadable })).toThrow(
      /^\/etc\/gateway\.yaml cannot be read \(ENOENT\)$/,
    )
  })
})

describe('mistakes', () => {
  test('are told all at once, with line, column and path, in the order of the file', () => {
    const text = [
      'listen:',
      '  - { dialect: nginx, tcp: 127.0.0.1:99999 }',
      'deadlin: 1',
      'issuers: []',
      'routes:',
      '  - path: orders',
      '  - methods: [get]',
    ].join('\n')
    expect(problems(text)).toEqual([
      '2:28 listen[0].tcp must have a port of at most 65535',
      '3:1 deadlin is not known; did you mean deadline?',
      "6:11 routes[0].path must begin with '/'",
      '7:5 routes[1].path is missing',
      '7:15 routes[1].methods[0] must be a method in upper case',
    ])
  })

  test('of the whole document are told too', () => {
    expect(problems('')).toEqual(['1:1 the document must be an object, got nothing'])
    expect(problems('- a')).toEqual(['1:1 the document must be an object, got a list'])
    expect(wrong({ routes: undefined })).toEqual(['routes is missing'])
  })

  test.each([
    ['a: 1\na: 2', '2:1 cannot be read: duplicate key'],
    ['a: !!binary aGk=', '1:4 cannot be read: no tags are allowed'],
    ['a: !env X', '1:4 cannot be read: no tags are allowed'],
    ['? [a]\n: b', '1:3 cannot be read: non string key'],
    ['%YAML 1.1\n---\na: yes', '1:1 cannot be read: it must be YAML 1.2'],
    ['a: "sekret', /^1:\d+ cannot be read: [a-z ]+$/],
    ['a: b\n---\nc: d', /^2:1 cannot be read: [a-z ]+$/],
    ['a: *nobody', /^1:\d+ .*(?:alias|cannot be read)/],
  ])('strict YAML: %j', (text, expected) => {
    const [first = ''] = problems(text)
    expect(first).toMatch(expected)
    expect(first).not.toContain('sekret')
  })

  test('aliases that stand for too much are one', () => {
    const levels = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (const [from, to] of ['ab', 'bc', 'cd', 'de'].map((pair) => [...pair])) {
      levels.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(', ')}]`)
    }
    expect(problems(levels.join('\n'))).toEqual([
      '1:1 cannot be read: its aliases stand for too much',
    ])
  })

  test('an alias inside of what it stands for is one', () => {
    const message = '1:1 cannot be read: its aliases stand for too much'
    expect(problems('realm: &a [*a]')).toEqual([message])
    expect(problems('identity: &a { headers: *a }')).toEqual([message])
  })

  test('never show a secret, even one that YAML takes for a number', () => {
    const client = (member: string): string =>
      JSON.stringify({
        ...base,
        issuers: [{ ...base.issuers[0], introspection: { client: { id: 'gw' } } }],
      }).replace('"id":"gw"', `"id":"gw",${member}`)
    const [digits] = problems(client('"secret":8675309'))
    expect(digits).toMatch(/client\.secret must be a non-empty string, got a number$/)
    const key = JSON.stringify('{"kty":"EC -----BEGIN PRIVATE KEY----- 8675309')
    const [broken] = problems(client(`"privateKey":${key}`))
    expect(broken).toMatch(/client\.privateKey must be a private key: PKCS #8 PEM/)
    expect(broken).not.toContain('8675309')
  })

  test('behind an alias are found where it points', () => {
    const text = `listen: [{ dialect: nginx, tcp: '127.0.0.1:1' }]
issuers: [{ id: a, issuer: https://id.test, audience: a }]
routes:
  - { path: /a, rules: &r { scope: [x] } }
  - { path: /b, rules: *r }`
    expect(problems(text)).toEqual([
      '4:29 routes[0].rules.scope is not known; did you mean scopes?',
      '4:29 routes[1].rules.scope is not known; did you mean scopes?',
    ])
  })
})

describe('references', () => {
  const asking = (secret: string): string =>
    JSON.stringify({
      ...base,
      issuers: [{ ...issuer, introspection: { client: { id: 'gw', secret } } }],
    })

  test('are put in, wherever a text stands', () => {
    const text = JSON.stringify({
      ...base,
      realm: '${env:REALM}',
      issuers: [
        { ...issuer, introspection: { client: { id: 'gw', secret: '${file:/run/secret}' } } },
      ],
    })
    const config = parseConfig(text, 'g', {
      env: { REALM: 'orders' },
      readFile: (path) => `from ${path}\n`,
    })
    expect(config.realm).toBe('orders')
    expect(config.issuers[0]?.introspection?.client.secret).toBe('from /run/secret')
  })

  test.each([
    ['${env:NOPE}', 'refers to the environment variable "NOPE", which is not set'],
    ['${env:EMPTY}', 'refers to the environment variable "EMPTY", which is not set'],
    ['${env:toString}', 'refers to the environment variable "toString", which is not set'],
    ['${file:relative}', 'refers to the file "relative": the path must be absolute'],
    ['${file:/none}', 'refers to the file "/none", which cannot be read (EACCES)'],
    ['sekret ${env:SET}', 'must be the reference and nothing else'],
  ])('%s is a mistake with its place, told once', (secret, message) => {
    const readFile = () => {
      throw Object.assign(new Error('sekret'), { code: 'EACCES' })
    }
    const found = problems(asking(secret), { env: { EMPTY: '', SET: 'sekret' }, readFile })
    expect(found).toEqual([
      expect.stringMatching(/^1:\d+ issuers\[0\]\.introspection\.client\.secret /),
    ])
    expect(found[0]).toContain(message)
    expect(found[0]).not.toContain('sekret')
  })

  test('a value from elsewhere is checked like any other, and never shown', () => {
    const text = JSON.stringify({ ...base, routes: [{ path: '${env:PATH}' }] })
    expect(problems(text, { env: { PATH: 'sekret' } })).toEqual([
      expect.stringMatching(/routes\[0\]\.path must begin with '\/'$/),
    ])
  })
})

test('what is right has no mistakes', () => {
  const all: GatewayConfig = {
    $schema: './gateway.schema.json',
    version: 1,
    listen: [
      { dialect: 'nginx', tcp: '127.0.0.1:0', peers: ['10.0.0.0/8', '192.168.1.1', 'fd00::/8'] },
      { dialect: 'envoy-http', tcp: '127.0.0.1:0', pathPrefix: '/check' },
      { dialect: 'spoe', unix: '/run/spoe.sock', mode: '0600' },
    ],
    admin: { tcp: '[::1]:9100' },
    workers: 'auto',
    deadline: 0.2,
    issuers: [
      {
        id: 'main',
        issuer: 'https://id.test',
        audience: ['a', 'b'],
        algorithms: ['ES256'],
        introspection: { ...introspection, cache: { ttl: 1 } },
      },
      { id: 'dev', issuer: 'http://127.0.0.1:4000', audience: 'a', maxStale: 0 },
    ],
    routes: [
      { id: 'a', path: '/a', methods: ['GET'], allow: 'anonymous' },
      { path: '/a', issuers: ['main'], rules: { claims: { a: [1, true, 'x'] } }, upstream: 'u' },
      { path: '/{x}', host: ['h', '[::1]'], rules: { not: { custom: ['mine'] } } },
      { path: '/**', allow: 'optional' },
    ],
    preflight: true,
    realm: 'all of it',
    identity: { token: { issuer: 'https://g', audience: 'x' }, headers: { 'X-User': 'a.b' } },
    redis: {
      url: 'rediss://user:password@redis:6380/1',
      use: ['revocations', 'introspection'],
      secret: 's'.repeat(32),
    },
    log: 'all',
    drain: { delay: 0, grace: 5 },
  }
  expect(readConfig(all)).toBe(all)
})

test('a route that is only partly covered may stand where it is', () => {
  const routes = [
    { path: '/a/**', methods: ['GET'] },
    { path: '/a/b' },
    { path: '/**', host: 'h' },
    { path: '/**' },
  ]
  expect(wrong({ routes })).toEqual([])
})
