import { createTokenIssuer } from '@portcullis/testkit'
import { expect, test } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import type { TrustedIssuer } from '../standards/jwt/policy.ts'
import { createGuard } from './create.ts'

const tenants = ['a', 'b', 'c'].map((name) => createTokenIssuer({ issuer: `https://${name}.test` }))
const resolve = (iss: string): TrustedIssuer | undefined =>
  tenants.find(({ issuer }) => issuer === iss)?.guardOptions

async function keptBy(maxTenants?: number): Promise<number> {
  const guard = createGuard({ issuers: resolve, ...(maxTenants && { maxTenants }) })
  for (const tenant of tenants) {
    const token = await tenant.issueToken()
    const verdict = await guard.check({
      method: 'GET',
      url: 'https://api.test/',
      header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined),
      form: () => Promise.resolve(new URLSearchParams()),
    })
    expect(verdict.granted).toBe(true)
  }
  return guard.health().issuers.length
}

test('a guard keeps as many tenants as maxTenants says', async () => {
  expect(await keptBy(2)).toBe(2)
  expect(await keptBy()).toBe(3)
})

test.each([0, -1, 1.5, Number.NaN, '5', null])('maxTenants: %s is a mistake', (maxTenants) => {
  const options = { issuers: resolve, maxTenants: maxTenants as number }
  expect(() => createGuard(options)).toThrow(ConfigurationError)
  expect(() => createGuard(options)).toThrow(/maxTenants must be a whole number/)
})
