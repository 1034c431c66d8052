import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTokenIssuer, type TokenIssuer } from '@portcullis/testkit'

/** What the next POST is answered with. */
export interface ScriptedAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text is sent as it stands. */
  readonly body: object | string
}

/** A POST as it arrived. */
export interface ScriptedCall {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly form: URLSearchParams
}

/** Answers line by line what it was told to, and keeps what it was asked. */
export interface ScriptedOkta {
  readonly origin: string
  readonly issuer: string
  readonly calls: readonly ScriptedCall[]
  /** Answers that are left. */
  readonly left: () => number
  readonly say: (...answers: readonly ScriptedAnswer[]) => void
  /** Answers everything the script does not. */
  readonly otherwise: (answer: (call: ScriptedCall) => ScriptedAnswer) => void
  readonly idToken: (claims?: Readonly<Record<string, unknown>>) => Promise<string>
  readonly tokens: (claims?: Readonly<Record<string, unknown>>) => Promise<ScriptedAnswer>
  readonly close: () => Promise<void>
}

export const oauthError = (
  status: number,
  error: string,
  description = '',
  more: object = {},
): ScriptedAnswer => ({ status, body: { error, error_description: description, ...more } })

export const mfaRequired = (token = 'mfa_2f9c1c0a7d', more: object = {}): ScriptedAnswer =>
  oauthError(403, 'mfa_required', 'Verify with an additional authenticator.', {
    mfa_token: token,
    ...more,
  })

export const pending = (): ScriptedAnswer =>
  oauthError(400, 'authorization_pending', 'No user response received yet.')

/** A custom authorization server `default` on a port of its own. */
export async function startScriptedOkta(now: () => number): Promise<ScriptedOkta> {
  const script: ScriptedAnswer[] = []
  const calls: ScriptedCall[] = []
  let fallback = (_call: ScriptedCall): ScriptedAnswer => ({ status: 500, body: 'no answer left' })
  const published: { keys?: TokenIssuer } = {}
  const server = createServer((request, response) => {
    void (async () => {
      const path = request.url ?? ''
      const call = {
        path,
        headers: request.headers,
        form: new URLSearchParams(await read(request)),
      }
      const answer =
        request.method === 'GET'
          ? metadata(path, published.keys)
          : (script.shift() ?? fallback(call))
      if (request.method === 'POST') calls.push(call)
      const isText = typeof answer.body === 'string'
      response.writeHead(answer.status ?? 200, {
        'content-type': isText ? 'text/html' : 'application/json',
        'x-okta-request-id': `req-${calls.length}`,
        ...answer.headers,
      })
      response.end(isText ? answer.body : JSON.stringify(answer.body))
    })()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const issuer = `${origin}/oauth2/default`
  const keys = createTokenIssuer({ issuer, audience: 'app', algorithm: 'ES256', now })
  published.keys = keys
  const idToken: ScriptedOkta['idToken'] = (claims) =>
    keys.issueToken({ client_id: undefined, sub: '00u1', ...claims }, { typ: undefined })
  return {
    origin,
    issuer,
    calls,
    left: () => script.length,
    say: (...answers) => void script.push(...answers),
    otherwise: (answer) => {
      fallback = answer
    },
    idToken,
    tokens: async (claims) => ({
      body: {
        token_type: 'Bearer',
        expires_in: 3600,
        access_token: 'access-of-ada',
        scope: 'openid',
        id_token: await idToken(claims),
      },
    }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

function metadata(path: string, keys: TokenIssuer | undefined): ScriptedAnswer {
  if (keys === undefined) return { status: 503, body: {} }
  const { issuer, jwks } = keys
  if (path.endsWith('/v1/keys')) return { body: jwks }
  return { body: { issuer, jwks_uri: `${issuer}/v1/keys`, token_endpoint: `${issuer}/v1/token` } }
}
