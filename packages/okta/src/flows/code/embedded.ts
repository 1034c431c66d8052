import {
  clientLines,
  code,
  environment,
  importing,
  imports,
  serverLine,
  type Slots,
} from './parts.ts'

const head = (slots: Slots, ...types: readonly string[]): string =>
  code(
    slots.hasKey && importing('{ privateKeyJwt }', '@portcullis/core'),
    imports('@portcullis/okta', 'createDirectAuthentication', 'okta', ...types),
    '',
    environment('CLIENT_ID', slots.hasKey && 'PRIVATE_KEY'),
    'const direct = createDirectAuthentication({',
    `  server: ${serverLine(slots).replace('const server = ', '')},`,
    slots.hasKey
      ? '  client: { id: CLIENT_ID, authentication: privateKeyJwt({ key: PRIVATE_KEY }) },'
      : '  client: { id: CLIENT_ID },',
    `  scope: '${slots.scope}',`,
    '})',
    '',
  )

/** Pages of one's own that end in the sessions of a login. */
const pages = (slots: Slots, ...settings: readonly string[]): string =>
  code(
    importing('express', 'express'),
    imports(
      '@portcullis/express',
      slots.callsApi && 'accessToken',
      'createGuard',
      'createLogin',
      'optionalPrincipal',
      slots.hasKey && 'privateKeyJwt',
      'protect',
      'routes',
      'sealedSessions',
    ),
    importing('{ createDirectAuthentication, createDirectLogin, okta }', '@portcullis/okta'),
    '',
    environment('CLIENT_ID', slots.hasKey && 'PRIVATE_KEY', 'SESSION_SECRET'),
    serverLine(slots),
    slots.hasKey
      ? `const client = {
  id: CLIENT_ID,
  authentication: privateKeyJwt({ key: PRIVATE_KEY, audience: (endpoint) => endpoint }),
}`
      : 'const client = { id: CLIENT_ID }',
    `const baseUrl = 'https://app.example.com'
const secrets = [SESSION_SECRET]
const login = createLogin({
  issuer: server.issuer,
  client,
  baseUrl,
  sessions: sealedSessions({ secrets }),
})
const direct = createDirectAuthentication({
  server,
  client,
  scope: '${slots.scope}',
  secrets,`,
    ...settings,
    `})
const guard = createGuard({ login }).optional()

const app = express()
// /direct and below, by forms of its own or yours; then the sessions and the logout of the login.
app.use(routes(createDirectLogin({ login, direct, baseUrl })), routes(login.handler))
app.get('/', protect(guard), (req, res) => {
  const user = optionalPrincipal(req)
  return user === undefined ? res.redirect('/direct?return_to=/') : res.json(user.claims)
})`,
    slots.callsApi &&
      `app.get('/orders', protect(createGuard({ login })), async (req, res) => {
  const answer = await fetch('https://api.example.com/orders', {
    headers: { authorization: \`Bearer \${await accessToken(req)}\` },
  })
  res.status(answer.status).json(await answer.json())
})`,
    'app.listen(3000)',
  )

/** The application picks; the policy has the last word. */
export const direct = (slots: Slots): string =>
  slots.hasServer ? pages(slots) : directNative(slots)

const directNative = (slots: Slots): string =>
  head(slots, 'type DirectAnswer') +
  code(
    'export async function signIn(username: string, password: string): Promise<DirectAnswer> {',
    '  const answer = await direct.password({ username, password })',
    "  if (answer.status !== 'mfa_required') return answer // tokens, or a failure that says what can be done",
    "  return direct.mfaOob(answer.state, { channel: 'push' })",
    '}',
  )

/** One factor. */
export const directOne = (slots: Slots): string =>
  slots.hasServer ? pages(slots) : directOneNative(slots)

const directOneNative = (slots: Slots): string =>
  head(slots, 'type DirectAnswer') +
  code(
    'export async function signIn(username: string): Promise<DirectAnswer> {',
    "  const answer = await direct.oob({ username, channel: 'push' })",
    "  if (answer.status !== 'pending') return answer",
    '  if (answer.number !== undefined) console.log(`Pick ${answer.number} on your phone`)',
    '  return direct.poll(answer.state)',
    '}',
  )

/** Two factors. */
export const directTwo = (slots: Slots): string =>
  slots.hasServer
    ? pages(
        slots,
        "  factors: ['push', 'otp', 'sms'], // what the page offers second, in this order",
      )
    : directTwoNative(slots)

const directTwoNative = (slots: Slots): string =>
  head(slots, 'type DirectAnswer', 'type DirectState') +
  code(
    'export const first = (username: string, password: string): Promise<DirectAnswer> =>',
    '  direct.password({ username, password })',
    '',
    '/** With the state that came with `mfa_required`. */',
    'export const second = (state: DirectState, otp: string): Promise<DirectAnswer> =>',
    '  direct.mfaOtp(state, { otp })',
  )

/** With Okta's Sign-In Widget, or a page of one's own, in between. */
export const interaction = (slots: Slots): string =>
  code(
    imports('@portcullis/core', slots.hasKey && 'privateKeyJwt', 'type GrantedTokens'),
    imports('@portcullis/okta', 'createInteraction', 'okta', 'type InteractionAttempt'),
    '',
    environment('CLIENT_ID', slots.hasKey && 'PRIVATE_KEY'),
    'const interaction = createInteraction({',
    `  server: ${serverLine(slots).replace('const server = ', '')},`,
    clientLines(slots),
    "  redirectUri: 'https://app.example.com/callback',",
    `  scope: '${slots.scope}',`,
    '})',
    '',
    "/** Keep it with the browser's session; the page goes on with its `handle` and `state`. */",
    'export const begin = (): Promise<InteractionAttempt> => interaction.begin()',
    '',
    '/** With the code that the page ended with, where `state` is that of the attempt. */',
    'export const finish = (code: string, attempt: InteractionAttempt): Promise<GrantedTokens> =>',
    '  interaction.finish(code, attempt)',
  )
