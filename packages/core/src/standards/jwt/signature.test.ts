import { constants, sign } from 'node:crypto'
import type { JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { createScene, refusalOf } from '../../../../../test/e2e/support/scene.ts'
import { createTestKey, keyFrom, without } from '../../../../../test/e2e/support/signing.ts'
import { signatures } from '../../client/exchange.ts'
import { Refusal } from '../../errors/refusal.ts'
import { readKeySet, type PublicKey } from '../../issuer/key-set.ts'
import { isPromise } from '../../lib/maybe-promise.ts'
import { algorithms, fits, isAlgorithm, type Algorithm } from './signature.ts'

const names = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519 Ed448'.split(' ')
test('ID tokens of issuers that name no algorithms may be signed by any that can be checked', () => {
  expect(signatures).toEqual(algorithms)
})

const rsa = createTestKey('RS256', 'rsa')
const made = new Map(
  names.map((alg) => [
    alg,
    /^[RP]S/.test(alg) ? keyFrom(rsa.privateKey, alg, alg) : createTestKey(alg),
  ]),
)
const keyOf = (alg: string) => {
  const key = made.get(alg)
  if (key === undefined) throw new Error(`no key for ${alg}`)
  return key
}

test('there are twelve algorithms, all of them asymmetric', () => {
  expect([...algorithms].toSorted()).toEqual(names.toSorted())
  for (const name of ['none', 'HS256', 'ES256K', 'constructor', '__proto__', undefined, 7])
    expect(isAlgorithm(name)).toBe(false)
})

describe.each(names)('%s', (alg) => {
  const at = createScene(keyOf(alg))

  test('a good token is accepted', async () => {
    expect(await at.verifier()(at.token())).toMatchObject({ subject: 'user-1' })
  })

  test('a token signed with another key of the same kind is refused', async () => {
    const other = createScene(createTestKey(alg)).token()
    const refusal = await refusalOf(() => at.verifier()(other))
    expect(refusal).toMatchObject({
      code: 'token_signature_invalid',
      status: 401,
      trail: { check: 'signature', alg, kid: alg, keyAge: 0 },
    })
  })

  test('whatever stands in the place of the signature, the answer is a refusal', async () => {
    const token = at.token()
    const end = token.lastIndexOf('.') + 1
    const size = Buffer.from(token.slice(end), 'base64url').length
    for (const length of [
      1,
      2,
      32,
      63,
      64,
      65,
      96,
      114,
      132,
      256,
      size - 1,
      size,
      size + 1,
      5000,
    ]) {
      for (const byte of [0, 1, 0x7f, 0xff]) {
        const forged = token.slice(0, end) + Buffer.alloc(length, byte).toString('base64url')
        const refusal = await refusalOf(() => at.verifier()(forged))
        expect(refusal.code).toBe('token_signature_invalid')
      }
    }
  })

  test('no key is used for an algorithm that it was not made for', async () => {
    for (const other of names) {
      const key = published(without(keyOf(alg).jwk, 'alg'))
      const may = fits(key, algorithm(other))
      expect([other, may]).toEqual([other, sameFamily(alg, other)])
    }
  })

  test('a key that is bound to one algorithm is used for that one', async () => {
    for (const other of names) {
      const key = published(keyOf(alg).jwk)
      const names9864 = [alg, other].includes('EdDSA') && sameFamily(alg, other)
      expect(fits(key, algorithm(other))).toBe(alg === other || names9864)
    }
  })
})

test.each(['ES256', 'ES384', 'ES512'])(
  '%s: a signature in DER, as other formats have it, is refused',
  async (alg) => {
    const at = createScene(keyOf(alg))
    const token = at.token()
    const input = token.slice(0, token.lastIndexOf('.'))
    const der = sign(`sha${alg.slice(2)}`, Buffer.from(input), at.key.privateKey)
    const refusal = await refusalOf(() => at.verifier()(`${input}.${der.toString('base64url')}`))
    expect(refusal.code).toBe('token_signature_invalid')
  },
)

test.each([0, 20, 64])('PS256: a salt of %i bytes instead of 32 is refused', async (saltLength) => {
  const at = createScene(keyOf('PS256'))
  const input = at.token().replace(/\.[^.]+$/, '')
  const key = { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING }
  const salted = (length: number) =>
    sign('sha256', Buffer.from(input), { ...key, saltLength: length }).toString('base64url')
  expect(await at.verifier()(`${input}.${salted(32)}`)).toMatchObject({ subject: 'user-1' })
  const refusal = await refusalOf(() => at.verifier()(`${input}.${salted(saltLength)}`))
  expect(refusal.code).toBe('token_signature_invalid')
})

const published = (jwk: JWK): PublicKey => {
  const [key] = readKeySet({ keys: [jwk] })
  if (key === undefined) throw new Error('the key was passed over')
  return key
}

const algorithm = (name: string): Algorithm => {
  if (!isAlgorithm(name)) throw new Error(`${name} is unknown`)
  return name
}

/** Whether the material of a key for one algorithm could serve another. */
function sameFamily(alg: string, other: string): boolean {
  const material = (name: string) =>
    ({ RS: 'RSA', PS: 'RSA' })[name.slice(0, 2)] ?? { EdDSA: 'Ed25519' }[name] ?? name
  return material(alg) === material(other) || (alg === 'Ed448' && other === 'EdDSA')
}

describe('EdDSA and the name of its curve say the same of a key', () => {
  test.each([
    ['EdDSA', 'Ed25519', 'EdDSA'],
    ['Ed25519', 'Ed25519', 'EdDSA'],
    ['EdDSA', 'Ed25519', 'Ed25519'],
    ['EdDSA', 'Ed448', 'Ed448'],
    ['Ed448', 'Ed448', 'EdDSA'],
    ['EdDSA', 'Ed448', 'EdDSA'],
  ])('token %s, curve %s, key bound to %s', async (alg, crv, bound) => {
    const key = keyFrom(keyOf(crv).privateKey, alg, 'k')
    const at = createScene({ ...key, jwk: { ...key.jwk, alg: bound } })
    expect(await at.verifier()(at.token())).toMatchObject({ subject: 'user-1' })
  })

  test.each([
    ['Ed448', 'Ed25519', 'EdDSA'],
    ['Ed25519', 'Ed448', 'EdDSA'],
    ['Ed448', 'Ed448', 'Ed25519'],
    ['EdDSA', 'Ed25519', 'ES256'],
  ])('but not token %s, curve %s, key bound to %s', async (alg, crv, bound) => {
    const key = keyFrom(keyOf(crv).privateKey, alg, 'k')
    const at = createScene({ ...key, jwk: { ...key.jwk, alg: bound } })
    expect((await refusalOf(() => at.verifier()(at.token()))).code).toBe('token_key_unknown')
  })
})

describe('the event loop is not held up by slow algorithms', () => {
  const big = createTestKey('RS256', 'big', 4104)
  test.each([...['ES384', 'ES512', 'Ed448'].map(keyOf), big])('$kid answers later', async (key) => {
    const at = createScene(key)
    expect(isPromise(at.verifier()(at.token()))).toBe(true)
  })

  test('hundreds that are checked at the same time do not get mixed up', async () => {
    const at = createScene(keyOf('ES384'))
    const verify = at.verifier()
    const tokens = Array.from({ length: 100 }, (_, index) => at.token({ sub: `user-${index}` }))
    const swapped = tokens.map((token, index) => {
      const other = tokens[(index + 1) % tokens.length] ?? ''
      return token.slice(0, token.lastIndexOf('.')) + other.slice(other.lastIndexOf('.'))
    })
    const asked = tokens.flatMap((token, index) => [token, swapped[index] ?? ''])
    const verdicts = await Promise.all(
      asked.map(async (token) => {
        try {
          return (await verify(token)).subject
        } catch (error) {
          return Refusal.is(error) ? error.code : error
        }
      }),
    )
    const right = tokens.flatMap((_, index) => [`user-${index}`, 'token_signature_invalid'])
    expect(verdicts).toEqual(right)
  })

  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'].map(keyOf))('$kid answers at once', (key) => {
    const at = createScene(key)
    expect(at.verifier()(at.token())).toMatchObject({ subject: 'user-1' })
  })

  test('an RSA key of more than 4,096 bits is right about good and bad', async () => {
    const at = createScene(big)
    expect(await at.verifier()(at.token())).toMatchObject({ subject: 'user-1' })
    const bent = `${at.token().slice(0, -8)}AAAAAAAA`
    expect((await refusalOf(() => at.verifier()(bent))).code).toBe('token_signature_invalid')
  })
})

test('a signing input longer than any buffer kept for it is checked as well', async () => {
  const at = createScene()
  const verify = at.verifier({}, { maxTokenSize: 100_000 })
  const long = at.token({ filler: 'x'.repeat(40_000) })
  expect(await verify(long)).toMatchObject({ subject: 'user-1' })
  expect(await verify(at.token())).toMatchObject({ subject: 'user-1' })
  const bent = `${long.slice(0, -6)}AAAAAA`
  expect((await refusalOf(() => verify(bent))).code).toBe('token_signature_invalid')
})
