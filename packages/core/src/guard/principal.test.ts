import { createTokenIssuer } from '@portcullis/testkit'
import { format, inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { HttpRequest } from '../http/request.ts'
import { createGuard } from './create.ts'
import type { Principal } from './principal.ts'

const issuer = createTokenIssuer({ algorithm: 'EdDSA' })
const token = await issuer.issueToken({
  scope: 'read write',
  amr: ['pwd'],
  address: { city: 'Ulm', lines: ['a'] },
})
const guard = createGuard(issuer.guardOptions)

const request: HttpRequest = {
  method: 'GET',
  url: 'https://api.test/',
  header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
}

const principalOf = async (): Promise<Principal> => {
  const verdict = await guard.check(request)
  if (!verdict.granted || verdict.principal === undefined) throw new Error('nobody was let in')
  return verdict.principal
}

// Whether the change is refused loudly or silently is not what counts.
const attempt = (change: () => unknown): void => {
  try {
    change()
  } catch {
    // The next request tells.
  }
}

const principal = await principalOf()
const signature = token.slice(token.lastIndexOf('.') + 1)

describe('the raw token of a principal', () => {
  test('is there for calls on behalf of the caller', () => {
    expect(principal.token).toBe(token)
  })

  test.each([
    ['JSON.stringify', () => JSON.stringify(principal)],
    ['JSON.stringify of what it hangs on', () => JSON.stringify({ request: { auth: principal } })],
    ['a log', () => inspect(principal)],
    ['a log of hidden things', () => inspect(principal, { showHidden: true, depth: 9 })],
    ['a log with %o and %j', () => format('%o %O %j', principal, principal, principal)],
    ['a spread', () => inspect({ ...principal }, { showHidden: true })],
    ['Object.assign', () => inspect(Object.assign({}, principal), { showHidden: true })],
    ['structuredClone', () => inspect(structuredClone(principal), { showHidden: true })],
    ['Object.entries', () => inspect(Object.entries(principal))],
    ['its keys', () => Object.keys(principal).join(' ')],
  ])('is never shown by %s', (_, show) => {
    expect(show()).not.toContain(signature)
  })

  test('is not a member that can be listed', () => {
    expect(Reflect.ownKeys(principal)).not.toContain('token')
  })
})

describe('a principal', () => {
  test('shows everything else', () => {
    expect({ ...principal }).toMatchObject({
      issuer: issuer.issuer,
      subject: 'user-1',
      client: 'client-1',
      scopes: ['read', 'write'],
      audience: [issuer.audience],
      amr: ['pwd'],
      via: 'token',
      claims: { address: { city: 'Ulm' } },
    })
  })

  test('cannot be changed', () => {
    expect(Object.isFrozen(principal)).toBe(true)
    for (const name of ['subject', 'scopes', 'token']) {
      expect(Reflect.set(principal, name, 'other')).toBe(false)
    }
  })

  test('has claims that cannot be changed, however deep', () => {
    expect(Object.isFrozen(principal.claims)).toBe(true)
    expect(Object.isFrozen(principal.claims['address'])).toBe(true)
    expect(Reflect.set(Object(principal.claims['address']), 'city', 'Bonn')).toBe(false)
  })

  test.each(['scopes', 'audience', 'amr'] as const)(
    'has a list of %s that cannot be changed: the next request with the token shares it',
    async (name) => {
      const before = [...principal[name]]
      attempt(() => Array.prototype.push.call(principal[name], 'admin'))
      expect((await principalOf())[name]).toEqual(before)
    },
  )

  test('is another one for every request, over the same claims', async () => {
    const next = await principalOf()
    expect(next).not.toBe(principal)
    expect(next.claims).toBe(principal.claims)
  })
})
