import assert from 'node:assert/strict'
import type { SessionStore } from '@portcullis/core'
import type { Runner } from './adapter.ts'
import { ending, endingByOwner } from './session-ending.ts'
import { alice, found, issuer, keeper, record } from './session-records.ts'
import { inTurn, propertiesOf, winners, type CreateStore, type Property } from './stores.ts'

/**
 * Proves a session store: registers one suite with any test runner.
 *
 * @example
 * import { describe, it } from 'vitest'
 * testSessionStore('My table', () => ({ subject: mySessions(pool) }), { describe, it })
 */
export function testSessionStore(
  name: string,
  create: CreateStore<SessionStore>,
  runner: Runner,
): void {
  runner.describe(`session store: ${name}`, () => {
    const property = propertiesOf(create, runner)
    runner.describe('keeping', () => keeping(property))
    runner.describe('writing at the same time', () => writing(property))
    runner.describe('time', () => time(property))
    runner.describe('ending', () => ending(property))
    runner.describe('ending from elsewhere', () => endingByOwner(property))
  })
}

function keeping(property: Property<SessionStore>): void {
  property('finds nothing where nothing was written', async ({ subject }) => {
    assert.equal(await subject.read('nobody'), undefined)
  })

  property('gives back what was written, whatever is in it', async ({ subject, now }) => {
    const body = `{"a": "line\n  quote \\" 'x' \u0000 ü \u{1f511}"}${'x'.repeat(20_000)}`
    const owner = { issuer: `${issuer}/{a} b`, sub: 'al "ice" |\n1', sid: 's:1*?[x]' }
    const written = record(now(), { body, owner, expiresAt: now() + 30_000 })
    assert.equal(await subject.write('a', written, 0), true)
    assert.deepEqual(await subject.read('a'), written)
    assert.equal(await subject.read('b'), undefined)
  })

  property('keeps the session of an owner without sub or sid', async ({ subject, now }) => {
    const written = record(now(), { owner: { issuer } })
    assert.equal(await subject.write('a', written, 0), true)
    assert.deepEqual((await subject.read('a'))?.owner, { issuer })
  })

  property('keeps what was written, not what becomes of the object', async ({ subject, now }) => {
    const written = { ...record(now()), owner: { ...alice } }
    await subject.write('a', written, 0)
    written.body = 'another'
    written.owner.sub = 'mallory'
    const { body, owner } = (await subject.read('a')) ?? {}
    assert.deepEqual({ body, owner }, { body: 'body', owner: alice })
  })
}

function writing(property: Property<SessionStore>): void {
  property('writes only over the version that was expected', async ({ subject, now }) => {
    assert.equal(await subject.write('a', record(now(), { version: 1 }), 0), true)
    assert.equal(await subject.write('a', record(now(), { version: 1, body: 'x' }), 0), false)
    assert.equal(await subject.write('a', record(now(), { version: 3, body: 'x' }), 2), false)
    assert.deepEqual((await subject.read('a'))?.body, 'body')
    assert.equal(await subject.write('a', record(now(), { version: 2, body: 'two' }), 1), true)
    assert.equal(await subject.write('a', record(now(), { version: 2, body: 'x' }), 1), false)
    const { body, version } = (await subject.read('a')) ?? {}
    assert.deepEqual({ body, version }, { body: 'two', version: 2 })
  })

  property('takes a version for a number, not for a text', async ({ subject, now }) => {
    await subject.write('a', record(now()), 0)
    await inTurn(11, async (index) => {
      const next = record(now(), { version: index + 2 })
      assert.equal(await subject.write('a', next, index + 1), true)
    })
    assert.equal((await subject.read('a'))?.version, 12)
  })

  property('creates nothing where a version was expected', async ({ subject, now }) => {
    assert.equal(await subject.write('a', record(now(), { version: 2 }), 1), false)
    assert.equal(await subject.read('a'), undefined)
  })

  property('lets exactly one of 20 create', async ({ subject, now }) => {
    const create = (index: number) => subject.write('a', record(now(), { body: `by ${index}` }), 0)
    assert.equal(await winners(20, create), 1)
  })

  property('lets exactly one of 20 who have read the same version write', async (trial) => {
    const { subject, now } = trial
    await keeper(trial)('a')
    const won: number[] = []
    const write = async (index: number) => {
      const next = record(now(), { version: 2, body: `by ${index}` })
      const isWritten = await subject.write('a', next, 1)
      if (isWritten) won.push(index)
      return isWritten
    }
    assert.equal(await winners(20, write), 1)
    assert.equal((await subject.read('a'))?.body, `by ${won[0]}`)
  })
}

function time(property: Property<SessionStore>): void {
  property('forgets a session when its time is up', async (trial) => {
    const keep = keeper(trial)
    await keep('a', alice, 1)
    await keep('b', alice, 60)
    await trial.pass(1.1)
    assert.deepEqual(await found(trial.subject, 'a', 'b'), ['b'])
  })

  property('takes an expired session for none', async (trial) => {
    const { subject, now } = trial
    await keeper(trial)('a', alice, 1)
    await trial.pass(1.1)
    assert.equal(await subject.write('a', record(now(), { version: 2 }), 1), false)
    assert.equal(await subject.write('a', record(now(), { body: 'new' }), 0), true)
    assert.equal((await subject.read('a'))?.body, 'new')
  })

  property('keeps a session longer, or less long, when it is written again', async (trial) => {
    const { subject, now, pass } = trial
    const keep = keeper(trial)
    await keep('a', alice, 1)
    await keep('b', alice, 60)
    const again = { version: 2, body: 'again' }
    await subject.write('a', record(now(), { ...again, expiresAt: now() + 60_000 }), 1)
    await subject.write('b', record(now(), { ...again, expiresAt: now() + 1000 }), 1)
    await pass(1.1)
    assert.deepEqual(await found(subject, 'a', 'b'), ['a'])
  })
}
