import { createGuard, memoryRevocations, Outage, revokedBy } from '@portcullis/core'
import { createClock, createTokenIssuer } from '@portcullis/testkit'
import { expect, test } from 'vitest'
import { ownerMarks } from './marks.ts'
import type { Revocations } from './revocations.ts'
import type { SessionOwner } from './session.ts'

const clock = createClock(1_800_000_000_000)
const tokens = createTokenIssuer({ algorithm: 'ES256', now: clock.now })
const { issuer } = tokens

/** What a guard says about a token with these claims after a logout of the owner. */
async function afterLogout(
  owner: SessionOwner,
  claims: Readonly<Record<string, unknown>>,
  seconds = 10,
): Promise<string> {
  const revocations = memoryRevocations({ now: clock.now })
  const token = await tokens.issueToken({ sub: 'alice', ...claims })
  const at = clock.now() + seconds * 1000
  await Promise.all(ownerMarks(owner).map(async (mark) => revocations.revoke(mark, at, 600)))
  return checked(revocations, token)
}

async function checked(revocations: Revocations, token: string): Promise<string> {
  const guard = createGuard({ ...tokens.guardOptions, revoked: revokedBy(revocations) })
  const verdict = await guard.check({
    method: 'GET',
    url: 'https://api.test/',
    header: (name) => (name === 'authorization' ? `Bearer ${token}` : undefined),
    form: () => Promise.resolve(new URLSearchParams()),
  })
  return verdict.granted ? 'granted' : verdict.refusal.code
}

test.each([
  ['the user', { issuer, sub: 'alice' }, {}, 'token_revoked'],
  ['the user, whose token has a sid', { issuer, sub: 'alice' }, { sid: 's' }, 'token_revoked'],
  ['the session', { issuer, sid: 's' }, { sid: 's' }, 'token_revoked'],
  ['the session of the user', { issuer, sub: 'alice', sid: 's' }, { sid: 's' }, 'token_revoked'],
  [
    'a session, where the token names none',
    { issuer, sub: 'alice', sid: 's' },
    {},
    'token_revoked',
  ],
  ['another session', { issuer, sub: 'alice', sid: 't' }, { sid: 's' }, 'granted'],
  ['another session, whoever has it', { issuer, sid: 't' }, { sid: 's' }, 'granted'],
  ['another user', { issuer, sub: 'bob' }, {}, 'granted'],
  [
    'the same name at another issuer',
    { issuer: 'https://other.test', sub: 'alice' },
    {},
    'granted',
  ],
])('a logout of %s: %o and %o', async (_name, owner, claims, expected) => {
  expect(await afterLogout(owner, claims)).toBe(expected)
})

test('a token that was issued after the logout is good', async () => {
  expect(await afterLogout({ issuer, sub: 'alice' }, {}, -10)).toBe('granted')
})

test('a token that does not say when it was issued may be older than any logout', async () => {
  expect(await afterLogout({ issuer, sub: 'alice' }, { iat: undefined }, -10)).toBe('token_revoked')
})

test('where the store fails nobody knows', async () => {
  const revocations: Revocations = {
    revoke: () => undefined,
    latest: () => Promise.reject(new Error('down')),
  }
  const answer = checked(revocations, await tokens.issueToken())
  await expect(answer).rejects.toBeInstanceOf(Outage)
  await expect(answer).rejects.toMatchObject({ code: 'store_failed' })
})

test('a token of nobody is not asked about', async () => {
  const revocations: Revocations = {
    revoke: () => undefined,
    latest: () => Promise.reject(new Error('asked')),
  }
  expect(await checked(revocations, await tokens.issueToken({ sub: undefined }))).toBe('granted')
})
