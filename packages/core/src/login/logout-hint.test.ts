import { generateKeyPairSync } from 'node:crypto'
import { CompactEncrypt, importJWK, type JWK } from 'jose'
import { afterAll, afterEach, expect, test } from 'vitest'
import { loginHosts } from '../../../../test/support/login-apps.ts'
import { createStage } from '../../../../test/support/login-stage.ts'
import {
  asked,
  cookiesOf,
  createDesk,
  issuer,
  locationOf,
  secrets,
  visit,
} from '../../../../test/support/login-unit.ts'
import { sealedSessions } from '../session/sealed.ts'
import type { LoginOptions } from './options.ts'

const stage = await createStage({ algorithms: [] })
afterEach(() => stage.rest())
afterAll(() => stage.close())

const keyOf = (kid: string): JWK => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  use: 'enc',
  kid,
})
const jwk = keyOf('enc-1')
const alg = 'RSA-OAEP-256'
const { kty, n, e, use, kid } = jwk
const shown = { kty, n, e, use, kid, alg } as JWK
const sessions = sealedSessions({ secrets, keep: ['idToken'] })

// OpenID Connect Core §3.1.2.1.
test('an ID token that was encrypted for us is decrypted before the issuer gets it back', async () => {
  stage.server.addClient({
    client_id: 'encrypted',
    client_secret: 'a-secret-of-the-client-of-32-characters',
    id_token_encrypted_response_alg: alg,
    id_token_encrypted_response_enc: 'A256GCM',
    jwks: { keys: [shown] },
  })
  const [host] = loginHosts
  if (host === undefined) throw new Error('there is no host')
  const { browser, url } = await stage.play(host.app, {
    options: {
      client: { id: 'encrypted', secret: 'a-secret-of-the-client-of-32-characters' },
      decryptionKeys: [jwk],
      sessions: sealedSessions({ secrets, keep: ['idToken'] }),
    },
  })
  expect((await browser.open(`${url}/account`)).status).toBe(200)
  const { headers } = await browser.send(`${url}/logout`, { method: 'POST' })
  const left = await browser.open(headers.get('location') ?? '', { until: `${url}/` })
  expect(left.url).toBe(`${url}/`)
  expect(stage.server.errors).toEqual([])
})

const hintAfter = async (idToken: string, options: Partial<LoginOptions>) => {
  const { login, ask } = createDesk(
    { sessions, ...options },
    { end_session_endpoint: `${issuer}/end` },
  )
  const claims = { iss: issuer, aud: 'client-1', sub: 'user-1' }
  const { headers } = await login.signIn(visit('/'), { claims, tokens: { idToken } })
  const cookie = cookiesOf(...headers)
  const reply = await ask(asked('/logout', { method: 'POST', headers: { cookie } }))
  const { origin, searchParams } = locationOf(reply)
  expect(origin).toBe(issuer)
  return searchParams.get('id_token_hint')
}

const encrypted = async () =>
  new CompactEncrypt(Buffer.from('a.b.c'))
    .setProtectedHeader({ alg, enc: 'A256GCM' })
    .encrypt(await importJWK(shown, alg))

test.each<[string, Partial<LoginOptions>, string | null]>([
  ['with its key', { decryptionKeys: [jwk] }, 'a.b.c'],
  ['without its key the issuer asks the user', { decryptionKeys: [keyOf('enc-2')] }, null],
  ['without any key too', {}, null],
])('%s', async (_what, options, hint) => {
  expect(await hintAfter(await encrypted(), options)).toBe(hint)
})

test('one that is only signed goes as it came', async () => {
  expect(await hintAfter('a.b.c', { decryptionKeys: [jwk] })).toBe('a.b.c')
})
