import { ConfigurationError } from '@portcullis/core'
import { expect, test } from 'vitest'
import { readConfig } from './read.ts'

const issuer = { id: 'main', issuer: 'https://id.test', audience: 'https://api.test' }
const base = {
  listen: [{ dialect: 'nginx', tcp: '127.0.0.1:9101' }],
  issuers: [issuer],
  routes: [{ path: '/**' }],
}
const introspection = { client: { id: 'gw', secret: 'x' } }
const remembering = [{ ...issuer, introspection: { ...introspection, cache: {} } }]

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

test.each<[string, object, string | RegExp]>([
  ['an unknown member', { listens: [] }, 'listens is not known; did you mean listen?'],
  ['a polluted name', JSON.parse('{"__proto__":{"x":1}}') as object, '__proto__ is not known'],
  ['a version', { version: 2 }, 'version must be 1'],
  ['no listener', { listen: [] }, 'listen must not be empty'],
  [
    'both addresses',
    { listen: [{ dialect: 'spoe', tcp: 'h:1', unix: '/x' }] },
    'listen[0] must have exactly one of tcp and unix',
  ],
  [
    'no address',
    { listen: [{ dialect: 'spoe' }] },
    'listen[0] must have exactly one of tcp and unix',
  ],
  [
    'a dialect',
    { listen: [{ dialect: 'apache', tcp: 'h:1' }] },
    /^listen\[0\]\.dialect must be "nginx" or /,
  ],
  [
    'a mode for tcp',
    { admin: { tcp: 'h:1', mode: '0660' } },
    'admin.mode is for unix sockets only',
  ],
  [
    'a mode that YAML took for a number',
    { admin: { unix: '/x', mode: 660 } },
    /^admin\.mode must be permissions in octal in quotes, such as '0660', got a number$/,
  ],
  [
    'a key that changes before upstreams know the next one',
    { identity: { token: { issuer: 'http://g.test', rotateEvery: 1799 } } },
    'identity.token.rotateEvery must be a number of seconds, 1800 or more, got 1799',
  ],
  [
    'a socket whose path the system would cut',
    { admin: { unix: `/${'x'.repeat(107)}` } },
    /^admin\.unix must have at most 10[37] bytes/,
  ],
  [
    'a grace that no timer can wait for',
    { drain: { grace: 3_000_000 } },
    'drain.grace must be a number of seconds, 0 or more and at most 86400, got 3000000',
  ],
  ['a relative socket', { admin: { unix: 'x' } }, "admin.unix must be a path that begins with '/'"],
  [
    'peers of a socket',
    { listen: [{ dialect: 'spoe', unix: '/x', peers: ['10.0.0.1'] }] },
    /^listen\[0\]\.peers is for tcp only/,
  ],
  [
    'a prefix for another dialect',
    { listen: [{ dialect: 'nginx', tcp: 'h:1', pathPrefix: '/x' }] },
    /^listen\[0\]\.pathPrefix is for the dialect envoy-http/,
  ],
  ['an address twice', { admin: { tcp: '127.0.0.1:9101' } }, 'admin has the address of listen[0]'],
  ['workers', { workers: 0 }, 'workers must be a whole number, 1 or more, got 0'],
  ['workers in words', { workers: 'many' }, 'workers must be "auto"'],
  ['a duration in words', { deadline: '150ms' }, /^deadline must be a number of seconds/],
  ['a deadline of nothing', { deadline: 0 }, /^deadline must be a number of seconds, more than 0/],
  ['a realm with quotes', { realm: 'a"b' }, /^realm must be printable/],
  [
    'an issuer twice',
    { issuers: [issuer, { ...issuer, issuer: 'https://b.test' }] },
    'issuers[1].id is that of issuers[0] already',
  ],
  [
    'an issuer under two names',
    { issuers: [issuer, { ...issuer, id: 'b' }] },
    /^issuers has the same issuer twice \(b\)/,
  ],
  [
    'an issuer without https',
    { issuers: [{ ...issuer, issuer: 'http://id.test' }] },
    /^issuers\[0\]\.issuer must be https beyond loopback/,
  ],
  [
    'an issuer that is no URL',
    { issuers: [{ ...issuer, issuer: 'id.test' }] },
    /^issuers\[0\]\.issuer must be an absolute URL/,
  ],
  [
    'no audience',
    { issuers: [{ id: 'a', issuer: 'https://id.test' }] },
    'issuers[0].audience is missing',
  ],
  [
    'a symmetric algorithm',
    { issuers: [{ ...issuer, algorithms: ['HS256'] }] },
    /^issuers\[0\]\.algorithms\[0\] must be "RS256"/,
  ],
  [
    'no issuer where a token is needed',
    { issuers: [] },
    'issuers must not be empty: routes[0] needs a token',
  ],
  [
    'a secret and a key',
    {
      issuers: [
        {
          ...issuer,
          introspection: { client: { id: 'a', secret: 'x', privateKey: '{"kty":"EC","d":"x"}' } },
        },
      ],
    },
    /client must have exactly one of secret and privateKey$/,
  ],
  [
    'a key that is none',
    { issuers: [{ ...issuer, introspection: { client: { id: 'a', privateKey: 'x' } } }] },
    /privateKey must be a private key/,
  ],
  [
    'a method without its key',
    {
      issuers: [
        {
          ...issuer,
          introspection: { client: { id: 'a', secret: 'x', method: 'private_key_jwt' } },
        },
      ],
    },
    /client\.method does not go with secret$/,
  ],
  [
    'two to ask about opaque tokens',
    {
      issuers: [
        { ...issuer, introspection },
        {
          id: 'b',
          issuer: 'https://b.test',
          audience: 'b',
          introspection: { ...introspection, use: 'always' },
        },
      ],
    },
    /^issuers has more than one issuer to ask about a token that is no JWT \(main, b\)/,
  ],
  ['no route', { routes: [] }, 'routes must not be empty'],
  [
    'a route name twice',
    { routes: [{ id: 'route-2', path: '/a' }, { path: '/b' }] },
    'routes[1].id is that of routes[0] already',
  ],
  [
    'an unknown issuer',
    { routes: [{ path: '/a', issuers: ['mian'] }] },
    'routes[0].issuers[0] is the id of no issuer; did you mean main?',
  ],
  [
    'an issuer named twice',
    { routes: [{ path: '/a', issuers: ['main', 'main'] }] },
    'routes[0].issuers[1] stands there twice',
  ],
  [
    'a host with a port',
    { routes: [{ path: '/a', host: 'api.test:443' }] },
    /^routes\[0\]\.host must be a host name in lower case/,
  ],
  [
    'a host in upper case',
    { routes: [{ path: '/a', host: ['API.test'] }] },
    /^routes\[0\]\.host\[0\] must be a host name in lower case/,
  ],
  [
    'rules for everybody',
    { routes: [{ path: '/a', allow: 'anonymous', rules: { scopes: ['x'] } }] },
    /^routes\[0\]\.rules is never asked for/,
  ],
  [
    'issuers for everybody',
    { routes: [{ path: '/a', allow: 'anonymous', issuers: ['main'] }] },
    /^routes\[0\]\.issuers is never asked for/,
  ],
  [
    'empty rules',
    { routes: [{ path: '/a', rules: {} }] },
    'routes[0].rules must name at least one condition',
  ],
  [
    'empty claims',
    { routes: [{ path: '/a', rules: { claims: {} } }] },
    'routes[0].rules must name at least one condition',
  ],
  [
    'a rule deep inside',
    { routes: [{ path: '/a', rules: { anyOf: [{ not: { scops: ['a'] } }] } }] },
    'routes[0].rules.anyOf[0].not.scops is not known; did you mean scopes?',
  ],
  [
    'scopes in one text',
    { routes: [{ path: '/a', rules: { scopes: ['a b'] } }] },
    /^routes\[0\]\.rules\.scopes\[0\] must be one scope/,
  ],
  [
    'a claim without a value',
    { routes: [{ path: '/a', rules: { claims: { a: null } } }] },
    /^routes\[0\]\.rules\.claims\.a must be a non-empty string or .* got nothing$/,
  ],
  [
    'a route behind a wider one',
    { routes: [{ path: '/**' }, { path: '/a' }] },
    /^routes\[1\] is never reached: routes\[0\]/,
  ],
  [
    'a route behind one of more hosts',
    {
      routes: [
        { path: '/a', host: ['h', 'i'] },
        { path: '/a', host: 'h', methods: ['GET'] },
      ],
    },
    /^routes\[1\] is never reached/,
  ],
  [
    'an upstream without a token',
    { routes: [{ path: '/a', upstream: 'x' }] },
    'routes[0].upstream has no use without identity.token',
  ],
  [
    'an identity in Host',
    { identity: { headers: { Host: 'sub' } } },
    /^identity\.headers\.Host must be a field of its own/,
  ],
  [
    'an identity in no field',
    { identity: { headers: { 'X User': 'sub' } } },
    /^identity\.headers\["X User"\] must be a field's name/,
  ],
  [
    'a token in Connection',
    { identity: { token: { issuer: 'https://g', header: 'Connection' } } },
    /^identity\.token\.header must be a field of its own/,
  ],
  [
    'a token that lives long',
    { identity: { token: { issuer: 'https://g', lifetime: 61 } } },
    /^identity\.token\.lifetime must be .* at most 60, got 61$/,
  ],
  [
    'a token of nobody',
    { identity: { token: { issuer: 'gateway' } } },
    /^identity\.token\.issuer must be an absolute URL/,
  ],
  [
    'a field twice',
    { identity: { token: { issuer: 'https://g', header: 'x-a' }, headers: { 'X-A': 'sub' } } },
    /^identity writes the field X-A twice/,
  ],
  [
    'a Redis by http',
    { redis: { url: 'http://h', use: ['revocations'] } },
    /^redis\.url must be redis:/,
  ],
  [
    'sealed answers without a secret',
    { issuers: remembering, redis: { url: 'redis://h', use: ['introspection'] } },
    /^redis\.secret is missing/,
  ],
  [
    'a short secret',
    { issuers: remembering, redis: { url: 'redis://h', use: ['introspection'], secret: 'short' } },
    /^redis\.secret must have at least 32 characters$/,
  ],
  [
    'nothing that is shared',
    { redis: { url: 'redis://h', use: ['introspection'], secret: 's'.repeat(32) } },
    /^redis\.use shares what introspection\.cache/,
  ],
  [
    'a prefix with a colon',
    { redis: { url: 'redis://h', use: ['revocations'], prefix: 'a:' } },
    /^redis\.prefix must be up to 100 letters/,
  ],
])('%s is a mistake', (_name, members, expected) => {
  const found = wrong(members)
  expect(found).toHaveLength(1)
  const matches =
    typeof expected === 'string' ? found[0] === expected : expected.test(found[0] ?? '')
  expect({ found, matches }).toEqual({ found, matches: true })
})

test.each([
  ['0.0.0.0/0'],
  ['::/0'],
  ['128.0.0.0/1'],
  ['10.0.0.0/33'],
  ['fd00::/129'],
  ['::ffff:0.0.0.0/96'],
  ['::ffff:0:0/96'],
  ['::/8'],
  ['10.0.0'],
  ['gateway.internal'],
  ['10.0.0.0/'],
])('%s is nobody’s gateway', (peer) => {
  const listen = [{ dialect: 'nginx', tcp: '0.0.0.0:9101', peers: [peer] }]
  expect(wrong({ listen })).toEqual([expect.stringMatching(/^listen\[0\]\.peers\[0\] must /)])
})
