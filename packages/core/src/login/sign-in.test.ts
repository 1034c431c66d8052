import { createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import type { HttpRequest } from '../http/request.ts'
import { createIssuer } from '../issuer/create.ts'
import { memorySessions } from '../session/memory.ts'
import { storedSessions } from '../session/stored.ts'
import { createLogin } from './create.ts'
import type { LoginEvent } from './observe.ts'
import type { LoginOptions } from './options.ts'

const url = 'https://id.test'
const secrets = ['a secret of at least thirty-two characters']
const claims = { iss: url, aud: 'client-1', sub: 'alice', nonce: 'n', name: 'Alice' }
const tokens = { accessToken: 'at', refreshToken: 'rt', idToken: 'it', scope: 'openid orders' }

const requestWith = (cookie?: string): HttpRequest => ({
  method: 'POST',
  url: 'https://app.test/direct/verify',
  header: (name) => (name === 'cookie' ? cookie : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
})

function createScene(options: Partial<LoginOptions> = {}) {
  const events: LoginEvent[] = []
  const login = createLogin({
    issuer: createIssuer({ issuer: url, jwks: createTokenIssuer({ issuer: url }).jwks }),
    client: { id: 'client-1' },
    baseUrl: 'https://app.test/shop',
    sessions: storedSessions(memorySessions(), { secrets }),
    observe: (event) => void events.push(event),
    ...options,
  })
  const whois = async (headers: readonly (readonly [string, string])[]) => {
    const cookie = headers
      .flatMap(([name, value]) => (name === 'Set-Cookie' ? [value.split(';', 1)[0]] : []))
      .join('; ')
    return login.authenticator.authenticate(requestWith(cookie))
  }
  return { login, events, whois }
}

describe('signing in a user who is proven', () => {
  test('begins a session, as any login does, and leads into the application', async () => {
    const { login, events, whois } = createScene()
    const reply = await login.signIn(requestWith(), { claims, tokens, returnTo: '/shop/orders?x' })
    expect(reply.status).toBe(303)
    expect(reply.headers).toContainEqual(['Location', 'https://app.test/shop/orders?x'])
    expect(await whois(reply.headers)).toMatchObject({
      principal: { subject: 'alice', client: 'client-1', scopes: ['openid', 'orders'] },
    })
    expect(events).toMatchObject([{ type: 'signed-in', subject: 'alice' }])
  })

  test('asks onSignIn, which may lead elsewhere within the application', async () => {
    const { login } = createScene({
      onSignIn: ({ claims: { name }, returnTo }) => ({
        returnTo: returnTo === '/shop/' ? `/shop/hello/${String(name)}` : 'https://evil.test/',
      }),
    })
    const reply = await login.signIn(requestWith(), { claims, tokens })
    expect(reply.headers).toContainEqual(['Location', 'https://app.test/shop/hello/Alice'])
  })

  test('asks onSignIn, which need not answer', async () => {
    const seen: string[] = []
    const { login } = createScene({
      onSignIn: ({ returnTo }) => {
        seen.push(returnTo)
      },
    })
    const { headers } = await login.signIn(requestWith(), { claims, tokens })
    expect(headers).toContainEqual(['Location', `https://app.test${seen[0]}`])
  })

  test.each(['https://evil.test/', '//evil.test', '/\\evil.test'])(
    'never leads to %s',
    async (returnTo) => {
      const { login } = createScene()
      const reply = await login.signIn(requestWith(), { claims, tokens, returnTo })
      expect(reply.headers).toContainEqual(['Location', 'https://app.test/shop/'])
    },
  )

  test.each([
    ['another issuer', { iss: 'https://other.test' }],
    ['another client', { aud: 'client-2' }],
    ['nobody', { sub: undefined }],
    ['no audience', { aud: undefined }],
  ])('refuses claims of %s: no session could live by them', async (_what, more) => {
    const { login, events } = createScene()
    const signIn = login.signIn(requestWith(), { claims: { ...claims, ...more }, tokens })
    await expect(signIn).rejects.toThrow(ConfigurationError)
    expect(events).toEqual([])
  })

  test('is refused under a host that is not one of the login', async () => {
    const { login } = createScene({ baseUrl: ['https://app.test', 'https://www.test'] })
    const elsewhere = { ...requestWith(), url: 'https://evil.test/direct/verify' }
    await expect(login.signIn(elsewhere, { claims, tokens })).rejects.toMatchObject({
      code: 'login_host_unknown',
    })
  })
})
