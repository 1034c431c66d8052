import { createClock, createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, test, vi } from 'vitest'
import { Outage } from '../errors/outage.ts'
import type { HttpRequest } from '../http/request.ts'
import { createGuard, type GuardSettings } from './create.ts'
import type { Principal } from './principal.ts'
import type { Rule } from './rule.ts'
import { hasScope } from './rules/scope.ts'
import type { Verdict } from './verdict.ts'

const clock = createClock(1_700_000_000_000)
const issuer = createTokenIssuer({ algorithm: 'EdDSA', now: clock.now })
const token = await issuer.issueToken({ sub: 'alice' })

const request: HttpRequest = {
  method: 'GET',
  url: 'https://api.test/',
  header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
}

const check = async (settings: GuardSettings): Promise<Verdict> =>
  createGuard({ ...issuer.guardOptions, ...settings }).check(request)

describe('the revoked hook', () => {
  test('is asked who it is about, and lets pass what it answers false for', async () => {
    const revoked = vi.fn((principal: Principal) => principal.subject !== 'alice')
    expect(await check({ revoked })).toMatchObject({ granted: true })
    expect(revoked).toHaveBeenCalledOnce()
  })

  test.each([
    ['at once', () => true],
    ['later', () => Promise.resolve(true)],
  ])('ends a token that it answers true for %s', async (_, revoked) => {
    expect(await check({ revoked })).toMatchObject({
      granted: false,
      refusal: {
        code: 'token_revoked',
        status: 401,
        trail: { check: 'revoked', issuer: issuer.issuer },
        headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
      },
    })
  })

  test('is asked again for a token that is remembered', async () => {
    const dead = new Set<string | undefined>()
    const guard = createGuard({
      ...issuer.guardOptions,
      revoked: ({ subject }) => Promise.resolve(dead.has(subject)),
    })
    expect(await guard.check(request)).toMatchObject({ granted: true })
    dead.add('alice')
    expect(await guard.check(request)).toMatchObject({ refusal: { code: 'token_revoked' } })
    dead.clear()
    expect(await guard.check(request)).toMatchObject({ granted: true })
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('the store is down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the store is down'))],
  ])('that %s is an outage, and no refusal', async (_, revoked) => {
    const failed = check({ revoked })
    await expect(failed).rejects.toSatisfy(Outage.is)
    await expect(failed).rejects.toMatchObject({
      code: 'revocation_unknown',
      status: 503,
      cause: new Error('the store is down'),
    })
    await expect(failed).rejects.toThrow('the store is down')
  })

  test.each([
    ['nothing', undefined],
    ['a text', 'false'],
    ['null', null],
    ['a number', 0],
  ])('that answers %s is an outage, and no pass', async (_, answer) => {
    for (const given of [answer, Promise.resolve(answer)]) {
      // @ts-expect-error a hook written in JavaScript may answer anything
      await expect(check({ revoked: () => given })).rejects.toMatchObject({
        code: 'revocation_unknown',
      })
    }
  })

  test('that fails with an outage of its own is not wrapped in another', async () => {
    const hooks: readonly ((outage: Outage) => Promise<never>)[] = [
      (own) => Promise.reject(own),
      (own) => {
        throw own
      },
    ]
    for (const hook of hooks) {
      const own = new Outage('revocation_unknown', 'the list is being loaded', { retryAfter: 7 })
      await expect(check({ revoked: () => hook(own) })).rejects.toBe(own)
    }
  })

  test('is asked before any rule, so that no rule judges a dead token', async () => {
    const rule = vi.fn<Rule>(() => undefined)
    await check({ revoked: () => true, rules: [rule] })
    expect(rule).not.toHaveBeenCalled()
  })
})

describe('the order of conditions', () => {
  const said: string[] = []
  const saying =
    (word: string): Rule =>
    () => {
      said.push(word)
      return undefined
    }

  test("is: revocation, the issuer's rules, the guard's, the route's", async () => {
    const { issuer: url, audience, jwks, now } = issuer.guardOptions
    const guard = createGuard({
      issuers: [{ issuer: url, audience, jwks, rules: [saying('issuer')] }],
      rules: [saying('guard')],
      revoked: () => {
        said.push('revoked')
        return false
      },
      now,
    })
    expect(await guard.with(saying('route')).check(request)).toMatchObject({ granted: true })
    expect(said).toEqual(['revoked', 'issuer', 'guard', 'route'])
  })

  test("lets an issuer's rule refuse only the tokens of that issuer", async () => {
    const other = createTokenIssuer({
      algorithm: 'EdDSA',
      issuer: 'https://other.test',
      now: clock.now,
    })
    const theirs = await other.issueToken()
    const guard = createGuard({
      issuers: [issuer, other].map(({ guardOptions: { issuer: url, audience, jwks } }) => ({
        issuer: url,
        audience,
        jwks,
        ...(url === other.issuer && { rules: [hasScope('special')] }),
      })),
      now: clock.now,
    })
    expect(await guard.check(request)).toMatchObject({ granted: true })
    expect(await guard.check({ ...request, header: () => `Bearer ${theirs}` })).toMatchObject({
      refusal: { code: 'scope_missing' },
    })
  })
})
