import {
  clientLines,
  code,
  environment,
  importing,
  imports,
  serverLine,
  type Slots,
} from './parts.ts'

interface Shape {
  /** What is used beside the login itself. */
  readonly names: readonly (string | false)[]
  readonly settings: readonly string[]
  readonly head?: readonly string[]
  readonly baseUrl?: string
  readonly sessions?: string
}

const sealed = 'sealedSessions({ secrets: [SESSION_SECRET] })'

/** A module with a login, up to its routes. */
function loginHead(slots: Slots, shape: Shape, ...okta: readonly string[]): string {
  const { names, settings, head = [], baseUrl = 'https://app.example.com' } = shape
  const { sessions = sealed } = shape
  const kinds = sessions === sealed ? ['sealedSessions'] : ['memorySessions', 'storedSessions']
  const used = ['createGuard', 'createLogin', slots.hasKey && 'privateKeyJwt', 'protect', 'routes']
  const known = [...names, ...used, ...kinds].filter((name) => name !== false).toSorted(byName)
  return code(
    ...head,
    importing('express', 'express'),
    imports('@portcullis/express', ...known),
    imports('@portcullis/okta', ...okta, 'okta'),
    '',
    environment(
      'CLIENT_ID',
      slots.hasKey && 'PRIVATE_KEY',
      sessions === sealed && 'SESSION_SECRET',
    ),
    serverLine(slots),
    'const login = createLogin({',
    '  issuer: server.issuer,',
    clientLines(slots),
    `  baseUrl: '${baseUrl}',`,
    ...settings,
    `  parameters: { scope: '${slots.scope}' },`,
    `  sessions: ${sessions},`,
    '})',
    'const guard = createGuard({ login })',
    '',
    'const app = express()',
    'app.use(routes(login.handler)) // /login, /callback, /logout',
  )
}

const byName = (one: string, other: string): number => (one < other ? -1 : 1)

const orders = (path: string): string => `app.get('${path}', protect(guard), async (req, res) => {
  const answer = await fetch('https://api.example.com/orders', {
    headers: { authorization: \`Bearer \${await accessToken(req)}\` },
  })
  res.status(answer.status).json(await answer.json())
})`

const claims = (path: string): string =>
  `app.get('${path}', protect(guard), (req, res) => res.json(principal(req).claims))`

/** On a server that makes pages. */
export const web = (slots: Slots): string =>
  loginHead(slots, { names: [slots.callsApi && 'accessToken', 'principal'], settings: [] }) +
  code(claims('/'), slots.callsApi && orders('/orders'), 'app.listen(3000)')

/** Behind a single-page application. */
export const browser = (slots: Slots): string =>
  loginHead(slots, {
    head: [
      '// The back end of the page: the tokens stay here, and the page gets a cookie.',
      '// It calls /me, and sends the browser to /login where the answer is 401.',
    ],
    names: [slots.callsApi && 'accessToken', 'principal'],
    settings: ["  unauthenticated: '401',"],
  }) + code(claims('/me'), slots.callsApi && orders('/orders'), 'app.listen(3000)')

/** On somebody's own machine: the system browser comes back to a port of the application. */
export const native = (slots: Slots): string =>
  loginHead(slots, {
    head: [importing('{ randomBytes }', 'node:crypto')],
    names: ['accessToken'],
    settings: [],
    baseUrl: 'http://127.0.0.1:8400',
    sessions: `storedSessions(memorySessions(), {
    secrets: [randomBytes(32).toString('base64url')],
  })`,
  }) +
  code(
    `app.get('/', protect(guard), async (req, res) => {
  const token = await accessToken(req) // for your calls to the API
  res.send(\`Signed in, with a token of \${token.length} characters. You may close this window.\`)
})`,
    "app.listen(8400, '127.0.0.1') // then open http://127.0.0.1:8400/ in the system browser",
  )

/** In browsers of long ago; the answer comes by form to the server. */
export const implicit = (slots: Slots): string =>
  loginHead(slots, {
    names: ['principal'],
    settings: [
      "  responseType: 'id_token token',",
      '  legacyAccessTokenInBrowser: true, // RFC 9700 §2.1.2 advises against it',
    ],
  }) + code(claims('/'), 'app.listen(3000)')

/** With Okta's session token, got from a page of one's own. */
export const authn = (slots: Slots): string =>
  loginHead(slots, { names: ['principal'], settings: [] }, 'createAuthn') +
  code(
    `const authn = createAuthn({ okta: server })

app.post('/sign-in', express.urlencoded(), async (req, res, next) => {
  if (req.get('sec-fetch-site') !== 'same-origin') return res.sendStatus(403)
  const { username, password } = req.body
  const answer = await authn.signIn({ username, password }, { address: req.ip ?? '' })
  // A failure, or a step that wants more: a second factor, a new password.
  if (answer.status !== 'SUCCESS') return res.redirect(\`/?\${answer.status}\`)
  const extra = { sessionToken: answer.takeSessionToken() }
  const start = login.begin({ parameters: { prompt: 'none', extra } })
  return routes(start)(req, res, next)
})`,
    claims('/account'),
    'app.listen(3000)',
  )

/** One login for each end. */
export const twoClients = (slots: Slots): string =>
  code(
    importing('express', 'express'),
    imports(
      '@portcullis/express',
      'accessToken',
      'createGuard',
      'createLogin',
      'privateKeyJwt',
      'protect',
      'routes',
      'sealedSessions',
      'session',
    ),
    importing('{ okta }', '@portcullis/okta'),
    '',
    environment('FRONT_ID', 'BACK_ID', 'PRIVATE_KEY', 'SESSION_SECRET'),
    serverLine(slots),
    `const authentication = privateKeyJwt({ key: PRIVATE_KEY, audience: (endpoint) => endpoint })
const common = {
  issuer: server.issuer,
  baseUrl: 'https://app.example.com',
  sessions: sealedSessions({ secrets: [SESSION_SECRET] }),
}
const front = createLogin({
  ...common,
  client: { id: FRONT_ID, authentication },
  parameters: { scope: 'openid profile' },
})
const back = createLogin({
  ...common,
  client: { id: BACK_ID, authentication },
  routes: { login: '/api/login', callback: '/api/callback', logout: '/api/logout' },
  parameters: { scope: '${slots.scope}' },
})

const app = express()
app.use(routes(front.handler), routes(back.handler))
app.get('/', protect(createGuard({ login: front })), (req, res) => res.json(session(req)?.claims))
app.get('/orders', protect(createGuard({ login: back })), async (req, res) => {
  const answer = await fetch('https://api.example.com/orders', {
    headers: { authorization: \`Bearer \${await accessToken(req)}\` },
  })
  res.status(answer.status).json(await answer.json())
})
app.listen(3000)`,
  )
