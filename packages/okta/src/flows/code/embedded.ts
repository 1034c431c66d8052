import {
  clientHead,
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

/** The application picks; the policy has the last word. */
export const direct = (slots: Slots): string =>
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
    importing('{ createHash, randomBytes }', 'node:crypto'),
    clientHead(slots, 'proveClient', 'readClientOptions', 'type GrantedTokens').trimEnd(),
    `const registration = readClientOptions(${
      slots.hasKey
        ? `{
  id: CLIENT_ID,
  authentication: privateKeyJwt({ key: PRIVATE_KEY }),
}`
        : '{ id: CLIENT_ID }'
    })

const random = () => randomBytes(32).toString('base64url')

/** Keep what it gives with the attempt; the page goes on with the handle. */
export async function begin() {
  const made = { state: random(), nonce: random(), verifier: random() }
  const form = new URLSearchParams({
    scope: '${slots.scope}',
    redirect_uri: 'https://app.example.com/callback',
    state: made.state,
    nonce: made.nonce,
    code_challenge: createHash('sha256').update(made.verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const [url, headers] = [server.endpoints.interact, new Headers()]
  await proveClient(registration, { url, form, headers, now: Date.now })
  const answer = await fetch(url, { method: 'POST', headers, body: form })
  const { interaction_handle: handle } = (await answer.json()) as Record<string, string>
  return { ...made, handle }
}

/** Where \`state\` is the one from before. */
export const finish = (code: string, verifier: string, nonce: string): Promise<GrantedTokens> =>
  client.trade({
    type: 'interaction_code',
    form: { interaction_code: code, code_verifier: verifier },
    idToken: { nonce },
    granted: (tokens) => tokens,
  })`,
  )
