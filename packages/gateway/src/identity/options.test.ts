import { ConfigurationError } from '@portcullis/core'
import { expect, test } from 'vitest'
import { failure } from '../../../../test/e2e/support/scene.ts'
import { createIdentity } from './create.ts'
import { createSigningKeys } from './signing-keys.ts'

const issuer = 'https://gw.test'
const messageOf = async (config: object): Promise<string> => {
  const error = await failure(() => createIdentity(config))
  expect(error).toBeInstanceOf(ConfigurationError)
  return String(error)
}

test.each<[object, string]>([
  [{ tokens: {} }, 'did you mean token'],
  [{ token: {} }, 'identity.token.issuer is missing'],
  [{ token: { issuer: 'gw.test' } }, 'identity.token.issuer must be an absolute URL'],
  [{ token: { issuer: 'ftp://gw.test' } }, 'absolute URL'],
  [{ token: { issuer: 'https://gw.test/?a' } }, 'absolute URL'],
  [{ token: { issuer: 'https://a:b@gw.test' } }, 'absolute URL'],
  [{ token: { issuer, lifetime: 61 } }, '5 to 60'],
  [{ token: { issuer, lifetime: 4 } }, '5 to 60'],
  [{ token: { issuer, lifetime: 30.5 } }, '5 to 60'],
  [{ token: { issuer, algorithm: 'RS256' } }, 'identity.token.algorithm'],
  [{ token: { issuer, header: 'X Caller' } }, 'identity.token.header'],
  [{ token: { issuer, header: 'Cookie' } }, 'another meaning'],
  [{ token: { issuer, claims: ['exp'] } }, 'exp'],
  [{ token: { issuer, claims: ['cnf'] } }, 'cnf'],
  [{ token: { issuer, claims: ['nonce'] } }, 'nonce'],
  [{ token: { issuer, claims: ['__proto__'] } }, '__proto__'],
  [{ token: { issuer, claims: [''] } }, 'the name of a claim'],
  [{ token: { issuer, rotateEvery: 60 } }, 'rotateEvery'],
  [{ token: { issuer, keys: [] } }, 'must not be empty'],
  [{ headers: { X_User: 'sub' } }, 'identity.headers.X_User'],
  [{ headers: { 'X-User\r\n': 'sub' } }, 'letters, digits and hyphens'],
  [{ headers: { Host: 'sub' } }, 'another meaning'],
  [{ headers: { Authorization: 'sub' } }, 'credentials'],
  [{ headers: { 'X-User': 'a..b' } }, 'the path of a claim'],
  [{ headers: { 'X-User': '' } }, 'the path of a claim'],
  [{ headers: { 'X-User': 1 } }, 'the path of a claim'],
  [{ headers: { 'X-User': 'sub', 'x-user': 'sub' } }, 'twice'],
  [{ token: { issuer, header: 'X-User' }, headers: { 'x-user': 'sub' } }, 'twice'],
])('%j is refused', async (config, said) => {
  expect(await messageOf(config)).toContain(said)
})

test('keys of another algorithm are not used', async () => {
  const signingKeys = createSigningKeys({ algorithm: 'EdDSA' })
  const error = await failure(() => createIdentity({ token: { issuer } }, { signingKeys }))
  expect(error).toBeInstanceOf(ConfigurationError)
})
