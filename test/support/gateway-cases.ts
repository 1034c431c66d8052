import type { RouteConfig } from '../../packages/gateway/src/config/config.ts'

/** A target, and its one reading; `undefined` where there is more than one, so that it is refused. */
export interface PathCase {
  readonly name: string
  readonly target: string
  readonly path: string | undefined
}

const read = (name: string, target: string, path = target): PathCase => ({ name, target, path })
const refuse = (name: string, target: string): PathCase => ({ name, target, path: undefined })

export const pathCases: readonly PathCase[] = [
  read('the root', '/'),
  read('a plain path', '/orders'),
  read('a path of several segments', '/orders/42/items'),
  read('a slash at the end', '/orders/', '/orders'),
  read('a query', '/orders?id=1&x=/../admin', '/orders'),
  read('a query with encoded slashes', '/orders?next=%2fadmin%2e%2e', '/orders'),
  read('an empty query', '/orders?', '/orders'),
  read('a query behind the root', '/?/admin', '/'),
  read('punctuation that nobody encodes', "/a-b.c_d~e!$&'()*+,=:@"),
  read('a hidden file', '/.well-known/jwks.json'),
  read('three dots', '/.../x'),
  read('dots in the middle', '/a..b/c.'),
  read('an encoded space', '/my%20file'),
  read('UTF-8', '/caf%C3%A9'),
  read('UTF-8 in lower-case digits', '/caf%c3%a9', '/caf%C3%A9'),
  read('an encoded at sign', '/users/bob%40example.com', '/users/bob@example.com'),
  read('an encoded colon and comma', '/a%3Ab%2cc', '/a:b,c'),
  read('brackets', '/[slug]', '/%5Bslug%5D'),
  read('encoded brackets', '/%5bslug%5d', '/%5Bslug%5D'),
  refuse('nothing', ''),
  refuse('no slash at the beginning', 'orders'),
  refuse('the asterisk', '*'),
  refuse('an absolute form', 'http://other.example/orders'),
  refuse('an authority', '//other.example/orders'),
  refuse('two slashes', '/a//b'),
  refuse('two slashes at the end', '/a//'),
  refuse('a dot segment', '/a/./b'),
  refuse('a dot segment at the end', '/a/.'),
  refuse('a parent segment', '/public/../admin'),
  refuse('a parent segment at the end', '/public/..'),
  refuse('a parent segment at the beginning', '/../admin'),
  refuse('encoded dots', '/public/%2e%2e/admin'),
  refuse('encoded dots in upper case', '/public/%2E%2E/admin'),
  refuse('half encoded dots', '/public/.%2e/admin'),
  refuse('an encoded slash', '/public%2fadmin'),
  refuse('an encoded slash in upper case', '/public%2Fadmin'),
  refuse('an encoded backslash', '/public%5cadmin'),
  refuse('an encoded backslash in upper case', '/public%5C..%5Cadmin'),
  refuse('a backslash', '/public\\admin'),
  refuse('an encoded null', '/admin%00.png'),
  refuse('an encoded line feed', '/admin%0a'),
  refuse('an encoded carriage return', '/admin%0D'),
  refuse('an encoded delete', '/admin%7f'),
  refuse('an encoded hash', '/admin%23/public'),
  refuse('an encoded question mark', '/admin%3f/public'),
  refuse('an encoded semicolon', '/admin%3bx'),
  refuse('a double encoding', '/public/%252e%252e/admin'),
  refuse('an encoded percent', '/100%25'),
  refuse('a parameter', '/admin;jsessionid=1'),
  refuse('a parameter behind dots', '/public/..;/admin'),
  refuse('a fragment', '/public#/../admin'),
  refuse('a fragment in the query', '/public?a#b'),
  refuse('an encoded letter', '/%61dmin'),
  refuse('an encoded digit', '/orders/%34'),
  refuse('an encoded hyphen', '/a%2db'),
  refuse('an encoded tilde', '/%7Ealice'),
  refuse('a percent without digits', '/a%'),
  refuse('a percent with one digit', '/a%4'),
  refuse('a percent with no digits', '/a%zz'),
  refuse('an encoding of IIS', '/%u002e%u002e/admin'),
  refuse('an overlong slash', '/public%c0%afadmin'),
  refuse('an overlong dot', '/public/%c0%ae%c0%ae/admin'),
  refuse('half a letter', '/caf%C3'),
  refuse('a surrogate', '/%ED%A0%80'),
  refuse('a space', '/a b'),
  refuse('a tab', '/a\tb'),
  refuse('a line feed', '/a\nb'),
  refuse('a raw letter beyond ASCII', '/café'),
  refuse('a raw letter beyond ASCII in the query', '/a?é'),
  refuse('a control character in the query', '/a?b\r\nX: 1'),
  refuse('a null', '/a\u0000'),
  refuse('a delete', '/a\u007f'),
  refuse('quotes', '/"a"'),
  refuse('angle brackets', '/<a>'),
  refuse('braces', '/{id}'),
  refuse('a caret', '/a^b'),
]

/** Who asks: nobody, somebody with a good token, or with these scopes. */
export type Caller = 'nobody' | 'bad' | readonly string[]

/** A request of a client, and what becomes of it. */
export interface RequestCase {
  readonly name: string
  readonly method: string
  readonly host?: string
  readonly target: string
  readonly caller: Caller
  readonly headers?: Readonly<Record<string, string>>
  readonly status: 200 | 400 | 401 | 403
  /** The code of a refusal. */
  readonly code?: string
  /** The route that decided, where one did. */
  readonly route?: string
}

export const caseHost = 'api.example'

/** The routes that the cases are for. All issuers are trusted. */
export const caseRoutes: readonly RouteConfig[] = [
  { id: 'public', path: '/public/**', methods: ['GET', 'HEAD'], allow: 'anonymous' },
  { id: 'greeting', path: '/greeting', methods: ['GET'], allow: 'optional' },
  { id: 'read', path: '/orders/{id}', methods: ['GET'], rules: { scopes: ['orders:read'] } },
  {
    id: 'write',
    path: '/orders/{id}',
    methods: ['PUT', 'DELETE'],
    rules: { scopes: ['orders:read', 'orders:write'] },
  },
  { id: 'list', path: '/orders', rules: { anyScope: ['orders:read', 'orders:list'] } },
  { id: 'files', host: caseHost, path: '/files/{owner}/**', rules: { not: { scopes: ['guest'] } } },
  { id: 'me', path: '/users/me', methods: ['GET'], rules: { claims: { sub: 'user-1' } } },
  {
    id: 'admin',
    host: ['admin.example', 'ops.example'],
    path: '/**',
    rules: { scopes: ['admin'] },
  },
]

export const requestCases: readonly RequestCase[] = [
  allowed('anonymous below a prefix', 'GET /public/logo.png', 'nobody', 'public'),
  allowed('anonymous at the prefix itself', 'GET /public', 'nobody', 'public'),
  allowed('anonymous with a slash at the end', 'GET /public/', 'nobody', 'public'),
  allowed('anonymous by HEAD, which is listed', 'HEAD /public/a/b', 'nobody', 'public'),
  allowed('anonymous with a bad token, which nobody looks at', 'GET /public/a', 'bad', 'public'),
  refused('a method that is not listed', 'POST /public/a', 'nobody', [403, 'route_unknown']),
  refused('a path that only begins alike', 'GET /publicity', 'nobody', [403, 'route_unknown']),
  refused('another case', 'GET /PUBLIC/a', 'nobody', [403, 'route_unknown']),
  allowed('optional without a token', 'GET /greeting', 'nobody', 'greeting'),
  allowed('optional with a token', 'GET /greeting', [], 'greeting'),
  refused(
    'optional with a bad token',
    'GET /greeting',
    'bad',
    [401, 'token_malformed'],
    'greeting',
  ),
  refused('HEAD where only GET is listed', 'HEAD /greeting', 'nobody', [403, 'route_unknown']),
  allowed('a scope that is there', 'GET /orders/1', ['orders:read'], 'read'),
  allowed('a query that names another route', 'GET /orders/1?x=/public', ['orders:read'], 'read'),
  refused('no token', 'GET /orders/1', 'nobody', [401, 'no_credential'], 'read'),
  refused('a bad token', 'GET /orders/1', 'bad', [401, 'token_malformed'], 'read'),
  refused('a scope that is missing', 'GET /orders/1', ['orders'], [403, 'scope_missing'], 'read'),
  refused('no scope at all', 'GET /orders/1', [], [403, 'scope_missing'], 'read'),
  refused(
    'the scope of another method',
    'PUT /orders/1',
    ['orders:read'],
    [403, 'scope_missing'],
    'write',
  ),
  allowed('both scopes', 'PUT /orders/1', ['orders:read', 'orders:write'], 'write'),
  allowed(
    'the second method of a route',
    'DELETE /orders/1',
    ['orders:read', 'orders:write'],
    'write',
  ),
  refused(
    'a method override',
    'POST /orders/1',
    ['orders:read', 'orders:write'],
    [403, 'route_unknown'],
    undefined,
    { 'x-http-method-override': 'PUT' },
  ),
  refused(
    'a method override by query',
    'POST /orders/1?_method=PUT',
    ['orders:write'],
    [403, 'route_unknown'],
  ),
  refused('a method in lower case', 'get /orders/1', ['orders:read'], [403, 'route_unknown']),
  refused('a segment too many', 'GET /orders/1/2', ['orders:read'], [403, 'route_unknown']),
  allowed('any method where none is listed', 'PROPFIND /orders', ['orders:list'], 'list'),
  allowed('one of several scopes', 'GET /orders', ['orders:read'], 'list'),
  allowed('a list with a slash at the end', 'GET /orders/', ['orders:read'], 'list'),
  refused('none of several scopes', 'GET /orders', ['other'], [403, 'scope_missing'], 'list'),
  refused(
    'OPTIONS is a method like any other',
    'OPTIONS /orders',
    'nobody',
    [401, 'no_credential'],
    'list',
  ),
  refused(
    'a preflight, unless it is switched on',
    'OPTIONS /orders/1',
    'nobody',
    [403, 'route_unknown'],
    undefined,
    { origin: 'https://app.example', 'access-control-request-method': 'GET' },
  ),
  allowed('the rest below a parameter', 'GET /files/bob/a/b', [], 'files'),
  allowed('an empty rest below a parameter', 'GET /files/bob', [], 'files'),
  allowed('an encoded owner', 'GET /files/bob%40example.com/a', [], 'files'),
  refused('a rule that must not hold', 'GET /files/bob/a', ['guest'], [403, 'forbidden'], 'files'),
  refused('a parameter that is empty', 'GET /files//a', [], [400, 'path_ambiguous']),
  refused('a parameter that is missing', 'GET /files', [], [403, 'route_unknown']),
  refused(
    'a host that the route is not for',
    'GET other.example/files/bob',
    [],
    [403, 'route_unknown'],
  ),
  allowed('a claim that fits', 'GET /users/me', [], 'me'),
  refused('a letter of the path in two spellings', 'GET /users/%6de', [], [400, 'path_ambiguous']),
  allowed('the first of several hosts', 'GET admin.example/anything', ['admin'], 'admin'),
  allowed('the second of several hosts', 'DELETE ops.example/', ['admin'], 'admin'),
  refused(
    'a host without the scope',
    'GET admin.example/x',
    ['orders:read'],
    [403, 'scope_missing'],
    'admin',
  ),
  allowed('an earlier route of any host', 'GET admin.example/orders/1', ['orders:read'], 'read'),
  refused('a path that no route is for', 'GET /nowhere', ['admin'], [403, 'route_unknown']),
  refused('dots out of a public folder', 'GET /public/../orders/1', 'nobody', [
    400,
    'path_ambiguous',
  ]),
  refused('encoded dots out of a public folder', 'GET /public/%2e%2e/orders/1', 'nobody', [
    400,
    'path_ambiguous',
  ]),
  refused('a parameter behind dots', 'GET /public/..;/orders/1', 'nobody', [400, 'path_ambiguous']),
  refused('an encoded slash', 'GET /public%2f..%2forders/1', 'nobody', [400, 'path_ambiguous']),
  refused('two slashes', 'GET //orders/1', ['orders:read'], [400, 'path_ambiguous']),
]

function parts(line: string): { method: string; host: string; target: string } {
  const [method = '', address = ''] = line.split(' ')
  const at = address.indexOf('/')
  return { method, host: address.slice(0, at) || caseHost, target: address.slice(at) }
}

function allowed(name: string, line: string, caller: Caller, route: string): RequestCase {
  return { name, ...parts(line), caller, status: 200, route }
}

// oxlint-disable-next-line max-params -- a table reads best in lines
function refused(
  name: string,
  line: string,
  caller: Caller,
  [status, code]: readonly [400 | 401 | 403, string],
  route?: string,
  headers?: Readonly<Record<string, string>>,
): RequestCase {
  return {
    name,
    ...parts(line),
    caller,
    status,
    code,
    ...(route !== undefined && { route }),
    ...(headers && { headers }),
  }
}
