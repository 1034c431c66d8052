import assert from 'node:assert/strict'
import type { SessionOwner, SessionStore } from '@portcullis/core'
import { alice, found, issuer, keeper, record } from './session-records.ts'
import { inTurn, type Property, type Trial } from './stores.ts'

/** How sessions are ended, one by one. */
export function ending(property: Property<SessionStore>): void {
  property('destroys one session, and minds none that is not there', async (trial) => {
    const { subject } = trial
    const keep = keeper(trial)
    await keep('a')
    await keep('b')
    await subject.destroy('a')
    await subject.destroy('a')
    await subject.destroy('never')
    assert.deepEqual(await found(subject, 'a', 'b'), ['b'])
  })

  property('does not revive a destroyed session by a late write', async (trial) => {
    const { subject, now } = trial
    await keeper(trial)('a')
    await subject.destroy('a')
    assert.equal(await subject.write('a', record(now(), { version: 2 }), 1), false)
    assert.equal(await subject.read('a'), undefined)
  })

  property('is not left with a session by a write during its end', async (trial) => {
    const { subject, now } = trial
    const keep = keeper(trial)
    await inTurn(10, async (round) => {
      const id = `a${round}`
      await keep(id)
      await Promise.all([
        subject.write(id, record(now(), { version: 2 }), 1),
        subject.destroy(id),
        subject.write(id, record(now(), { version: 3 }), 2),
      ])
      assert.equal(await subject.read(id), undefined)
    })
  })
}

/** How sessions are ended by a logout elsewhere. */
export function endingByOwner(property: Property<SessionStore>): void {
  const phone = { issuer, sub: 'alice', sid: 'phone' }
  const bob = { issuer, sub: 'bob', sid: 'desk' }
  const elsewhere = { ...alice, issuer: 'https://other.example.com' }
  const keepAll = async (trial: Trial<SessionStore>): Promise<void> => {
    const keep = keeper(trial)
    await keep('laptop')
    await keep('laptop again')
    await keep('phone', phone)
    await keep('bob', bob)
    await keep('elsewhere', elsewhere)
    await keep('unnamed', { issuer })
    await keep('without sid', { issuer, sub: 'alice' })
    await keep('carol', { issuer, sub: 'carol' })
  }
  const all = [
    'laptop',
    'laptop again',
    'phone',
    'bob',
    'elsewhere',
    'unnamed',
    'without sid',
    'carol',
  ]

  const cases: readonly (readonly [string, SessionOwner, readonly string[]])[] = [
    ['a subject', { issuer, sub: 'alice' }, ['bob', 'elsewhere', 'unnamed', 'carol']],
    ['a session of the issuer', { issuer, sid: 'phone' }, all.filter((id) => id !== 'phone')],
    [
      'both, or of the subject without any',
      alice,
      ['phone', 'bob', 'elsewhere', 'unnamed', 'carol'],
    ],
    ['a session and another subject than its own', { ...alice, sub: 'bob' }, all],
    ['somebody who has none', { issuer, sub: 'dave' }, all],
    ['what is named differently', { issuer, sub: 'laptop', sid: 'alice' }, all],
    ['nobody', { issuer }, all],
  ]
  for (const [what, owner, left] of cases) {
    property(`ends the sessions of ${what}, and no others`, async (trial) => {
      await keepAll(trial)
      await trial.subject.destroyBy(owner)
      assert.deepEqual(await found(trial.subject, ...all), left)
    })
  }

  property('does not revive a session that was ended so by a late write', async (trial) => {
    const { subject, now } = trial
    await keeper(trial)('a')
    await subject.destroyBy({ issuer, sid: 'laptop' })
    assert.equal(await subject.write('a', record(now(), { version: 2 }), 1), false)
    assert.equal(await subject.read('a'), undefined)
  })

  property('ends no later login of the same subject', async (trial) => {
    const keep = keeper(trial)
    await keep('a')
    await trial.subject.destroyBy({ issuer, sub: 'alice' })
    await trial.pass(0.01)
    await keep('b')
    assert.deepEqual(await found(trial.subject, 'a', 'b'), ['b'])
  })

  property('finds a session that was written again', async (trial) => {
    const { subject, now } = trial
    await keeper(trial)('a', alice, 1)
    await subject.write('a', record(now(), { version: 2 }), 1)
    await trial.pass(1.1)
    await subject.destroyBy({ issuer, sub: 'alice' })
    assert.equal(await subject.read('a'), undefined)
  })

  property('goes by the owner that was written last', async (trial) => {
    const { subject, now } = trial
    await keeper(trial)('a')
    await subject.write('a', record(now(), { version: 2, owner: phone }), 1)
    await subject.destroyBy({ issuer, sid: 'laptop' })
    assert.deepEqual(await found(subject, 'a'), ['a'])
    await subject.destroyBy({ issuer, sid: 'phone' })
    assert.deepEqual(await found(subject, 'a'), [])
  })

  property('does this also where a subject has 100 sessions', async (trial) => {
    const keep = keeper(trial)
    const ids = Array.from({ length: 100 }, (_, index) => `many-${index}`)
    await Promise.all(ids.map((id, index) => keep(id, { issuer, sub: 'many', sid: `s${index}` })))
    await trial.subject.destroyBy({ issuer, sub: 'many' })
    assert.deepEqual(await found(trial.subject, ...ids), [])
  })
}
