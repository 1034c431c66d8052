import { decodeJwt, exportPKCS8, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { privateKeyJwt } from '../standards/private-key-jwt/private-key-jwt.ts'
import { readClientOptions, type ClientOptions } from './options.ts'
import { proveClient } from './prove.ts'

const url = 'https://acme.okta.com/oauth2/v1/challenge'
const hour = 3_600_000

const prove = async (options: ClientOptions, now: () => number = Date.now) => {
  const form = new URLSearchParams({ mfa_token: 'm' })
  const headers = new Headers()
  await proveClient(readClientOptions(options), { url, form, headers, now })
  return { form, headers }
}

describe('proveClient', () => {
  let key = ''
  beforeAll(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    key = await exportPKCS8(pair.privateKey)
  })

  it('sends the name alone for a public client', async () => {
    const { form, headers } = await prove({ id: 'app' })
    expect([...form]).toEqual([
      ['mfa_token', 'm'],
      ['client_id', 'app'],
    ])
    expect(headers.get('authorization')).toBeNull()
  })

  it('sends a secret in the Authorization field', async () => {
    const { headers } = await prove({ id: 'app', secret: 's3' })
    expect(headers.get('authorization')).toBe(`Basic ${btoa('app:s3')}`)
  })

  it('makes out a fresh assertion to the address that is asked, by the clock of the application', async () => {
    const options = { id: 'app', authentication: privateKeyJwt({ key, algorithm: 'ES256' }) }
    const later = () => Date.now() + hour
    const made = await Promise.all([prove(options, later), prove(options, later)])
    const claims = made.map(({ form }) => decodeJwt(form.get('client_assertion') ?? ''))
    expect(claims[0]).toMatchObject({ aud: url, iss: 'app', sub: 'app' })
    expect(claims[0]?.jti).not.toBe(claims[1]?.jti)
    expect(Number(claims[0]?.iat) * 1000).toBeGreaterThan(Date.now() + hour - 60_000)
  })
})
