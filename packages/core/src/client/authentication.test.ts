import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createClientScene,
  createEndpoints,
  type Asked,
  type Endpoints,
} from '../../../../test/e2e/support/endpoints.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import {
  clientSecretJwt,
  clientSecretPost,
  publicClient,
  type ClientAuthentication,
} from './authentication.ts'
import type { ClientOptions } from './options.ts'

let server: Endpoints

beforeAll(async () => {
  server = await createEndpoints()
  server.answer('/token', { body: { access_token: 'a', token_type: 'Bearer' } })
})
afterAll(() => server.close())

const asks = async (options: ClientOptions): Promise<Asked> => {
  await createClientScene(server.url, options).client.refresh('r')
  return server.last()
}

const id = 'a client:with %odd & "strange" + words/äöü€'
const secret = "p@ss:w%rd +&=?#/\\'()*!~-_.äöü€"

// RFC 6749 §2.3.1, Appendix B: form-encoded, then joined by a colon.
const basic = ({ headers }: Asked) => {
  const text = Buffer.from(String(headers.authorization).replace('Basic ', ''), 'base64').toString()
  return text.split(':').map((part) => new URLSearchParams(`v=${part}`).get('v'))
}

test('basic: odd characters of name and secret arrive', async () => {
  const asked = await asks({ id, secret })
  expect(basic(asked)).toEqual([id, secret])
  expect(asked.form.has('client_secret')).toBe(false)
})

test('basic: whatever name and secret are made of', async () => {
  const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(texts, texts, async (name, word) => {
      expect(basic(await asks({ id: name, secret: word }))).toEqual([name, word])
    }),
    { numRuns: 50 },
  )
})

test('post: odd characters arrive, in the form only', async () => {
  const { form, headers } = await asks({ id, authentication: clientSecretPost(secret) })
  expect([form.get('client_id'), form.get('client_secret')]).toEqual([id, secret])
  expect(headers.authorization).toBeUndefined()
})

test('none: the name and nothing else', async () => {
  const { form, headers } = await asks({ id, authentication: publicClient() })
  expect(Object.fromEntries(form)).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'r',
    client_id: id,
  })
  expect(headers.authorization).toBeUndefined()
})

describe('an assertion with the secret', () => {
  const assertion = async (authentication: ClientAuthentication): Promise<string> => {
    const { form } = await asks({ id: 'web', authentication })
    expect(form.get('client_assertion_type')).toBe(
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    )
    expect(form.has('client_secret')).toBe(false)
    return form.get('client_assertion') ?? ''
  }

  test('is by and about us, for the issuer, short-lived, and never the same', async () => {
    const authentication = clientSecretJwt(secret)
    const [first, second] = [await assertion(authentication), await assertion(authentication)]
    const claims = decodeJwt(first)
    expect(claims).toMatchObject({ iss: 'web', sub: 'web', aud: server.url })
    expect(Number(claims.exp) - Date.now() / 1000).toBeLessThan(120)
    expect(decodeJwt(second).jti).not.toBe(claims.jti)
  })

  test('is authenticated with the secret', async () => {
    const token = await assertion(clientSecretJwt(secret))
    const [header, payload, mac] = token.split('.')
    expect(decodeProtectedHeader(token).alg).toBe('HS256')
    expect(mac).toBe(
      createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url'),
    )
  })

  // RFC 7518 §3.2: as long as the hash, or longer.
  test('takes no secret that has fewer than 32 bytes, and does not repeat it', () => {
    const short = 'x'.repeat(31)
    expect(() => clientSecretJwt(short)).toThrow(ConfigurationError)
    expect(() => clientSecretJwt(short)).toThrow(/clientSecretJwt\(\) must have 32 bytes/)
    expect(() => clientSecretJwt(short)).not.toThrow(short)
    expect(clientSecretJwt('ä'.repeat(16)).method).toBe('client_secret_jwt')
  })

  test('can be for another audience', async () => {
    const audience = `${server.url}/token`
    const token = await assertion(clientSecretJwt(secret, { audience }))
    expect(decodeJwt(token).aud).toBe(audience)
  })
})
