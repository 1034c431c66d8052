import {
  clientHead,
  clientLines,
  code,
  environment,
  importing,
  imports,
  serverLine,
  wish,
  type Slots,
} from './parts.ts'

/** In the application's own name. */
export const machine = (slots: Slots): string =>
  clientHead(slots) +
  code(
    '',
    '// A `fetch` that presents the token, and renews it ahead of its end.',
    `const api = client.fetch({ scope: '${slots.scope}', origins: ['https://api.example.com'] })`,
    "const answer = await api('https://api.example.com/orders')",
    'console.log(answer.status)',
  )

/** The same, for Okta's own APIs. */
export const management = (slots: Slots): string =>
  clientHead(slots) +
  code(
    '',
    `const api = client.fetch({ scope: '${slots.scope}', origins: [server.origin] })`,
    'const answer = await api(`${server.origin}/api/v1/users?limit=1`)',
    'console.log(answer.status)',
  )

/** On behalf of whoever called. */
export const exchange = (slots: Slots): string =>
  code(
    importing('express', 'express'),
    imports(
      '@portcullis/express',
      'createClient',
      'createGuard',
      'principal',
      'privateKeyJwt',
      'protect',
    ),
    importing('{ apiIssuer, okta }', '@portcullis/okta'),
    '',
    environment('CLIENT_ID', 'PRIVATE_KEY'),
    serverLine(slots),
    "const guard = createGuard({ issuer: apiIssuer(server), audience: 'api://default' })",
    'const client = createClient({',
    '  issuer: server.issuer,',
    clientLines(slots),
    '})',
    `
const app = express()
app.get('/report', protect(guard), async (req, res) => {
  const { token } = await client.onBehalfOf(principal(req).token, {
    audience: 'api://orders',
    scope: '${slots.scope}',
  })
  const answer = await fetch('https://orders.example.com/orders', {
    headers: { authorization: \`Bearer \${token}\` },
  })
  res.status(answer.status).json(await answer.json())
})
app.listen(3000)`,
  )

/** With a JWT of somebody whom Okta trusts. */
export const jwtBearer = (slots: Slots): string =>
  clientHead(slots) +
  code(
    '',
    'export async function tokenFor(assertion: string): Promise<string> {',
    `  const { accessToken } = await client.jwtBearer(assertion, ${wish(slots)})`,
    '  return accessToken',
    '}',
  )

/** With a SAML assertion. */
export const samlBearer = (slots: Slots): string =>
  clientHead(slots, 'type GrantedTokens') +
  code(
    '',
    '/** The assertion as XML, or in base64url. */',
    'export async function tokensFor(assertion: string): Promise<GrantedTokens> {',
    `  return client.samlBearer(${['assertion', wish(slots)].filter(Boolean).join(', ')})`,
    '}',
  )

/** On a device without a keyboard or a browser. */
export const device = (slots: Slots): string =>
  clientHead(slots) +
  code(
    '',
    `const attempt = await client.deviceCode(${wish(slots)})`,
    'console.log(`Go to ${attempt.verificationUri} and type ${attempt.userCode}`)',
    'const outcome = await attempt.wait()',
    "if (outcome.status === 'granted') console.log(`Welcome, ${outcome.tokens.claims?.['name']}`)",
  )

/** For somebody with a phone. */
export const ciba = (slots: Slots): string =>
  code(
    imports('@portcullis/core', 'createClient', slots.hasKey && 'privateKeyJwt'),
    importing('{ okta, oktaIssuer }', '@portcullis/okta'),
    '',
    environment('CLIENT_ID', slots.hasKey && 'PRIVATE_KEY'),
    serverLine(slots),
    'const client = createClient({',
    "  issuer: oktaIssuer(server), // Okta's metadata do not name the endpoint",
    clientLines(slots),
    '})',
    '',
    'const attempt = await client.ciba({',
    `  scope: '${slots.scope}',`,
    "  loginHint: 'ada@example.com',",
    "  bindingMessage: 'Order 4711',",
    '})',
    'const outcome = await attempt.wait()',
    'console.log(outcome.status) // granted, denied, expired',
  )

/** To renew. */
export const refresh = (slots: Slots): string =>
  code('// After a login, accessToken(req) does this by itself.') +
  clientHead(slots, 'type GrantedTokens') +
  code(
    '',
    '/** Keep the refresh token of the answer: the old one may be used up. */',
    'export const renew = (token: string): Promise<GrantedTokens> => client.refresh(token)',
  )

/** With name and password, for want of anything better. */
export const password = (slots: Slots): string =>
  code(
    importing('{ createClient, privateKeyJwt, type GrantedTokens }', '@portcullis/core'),
    importing('{ okta }', '@portcullis/okta'),
    '',
    environment('CLIENT_ID', 'PRIVATE_KEY'),
    serverLine(slots),
    'const client = createClient({',
    '  issuer: server.issuer,',
    clientLines(slots),
    "  legacyPasswordGrant: 'exposes-passwords-to-this-application',",
    '})',
    '',
    'export const signIn = (username: string, secret: string): Promise<GrantedTokens> =>',
    '  client.password({',
    '    username,',
    '    password: secret,',
    `    scope: '${slots.scope}',`,
    '  })',
  )
