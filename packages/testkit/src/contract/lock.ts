import assert from 'node:assert/strict'
import type { Lease, Lock } from '@portcullis/core'
import type { Runner } from './adapter.ts'
import { inTurn, propertiesOf, winners, type CreateStore, type Property } from './stores.ts'

/** Proves a lock: registers one suite with any test runner. */
export function testLock(name: string, create: CreateStore<Lock>, runner: Runner): void {
  runner.describe(`lock: ${name}`, () => {
    const property = propertiesOf(create, runner)
    runner.describe('holding', () => holding(property))
    runner.describe('coming too late', () => late(property))
    runner.describe('notes', () => notes(property))
  })
}

async function held(lock: Lock, name: string, seconds = 60): Promise<Lease> {
  const lease = await lock.acquire(name, seconds)
  assert.ok(lease, `the lock ${name} is free`)
  return lease
}

function holding(property: Property<Lock>): void {
  property('is held by one at a time, and free when given back', async ({ subject }) => {
    const lease = await held(subject, 'a')
    assert.equal(await subject.acquire('a', 60), undefined)
    assert.equal(await lease.release(), true)
    await held(subject, 'a')
  })

  property('is another one for another name', async ({ subject }) => {
    await held(subject, '{a}:held')
    await held(subject, '{a}')
  })

  property('goes to exactly one of 50', async ({ subject }) => {
    assert.equal(await winners(50, () => subject.acquire('a', 60)), 1)
  })

  property('does not wait', async ({ subject }) => {
    await held(subject, 'a', 60)
    const began = performance.now()
    assert.equal(await subject.acquire('a', 60), undefined)
    assert.ok(performance.now() - began < 5000, 'an answer comes at once')
  })

  property('is free when its time is up', async ({ subject, pass }) => {
    await held(subject, 'a', 1)
    await pass(1.1)
    await held(subject, 'a')
  })

  property('has fences that grow, given back or expired', async ({ subject, pass }) => {
    const first = await held(subject, 'a')
    await first.release()
    const second = await held(subject, 'a', 1)
    await pass(1.1)
    const third = await held(subject, 'a')
    assert.ok(first.fence < second.fence, 'after the lock was given back')
    assert.ok(second.fence < third.fence, 'after the lock has expired')
    assert.ok(Number.isSafeInteger(third.fence), 'a fence is a whole number')
  })

  property('has fences that grow under a rush', async ({ subject }) => {
    const fences: number[] = []
    await inTurn(30, async () => {
      const lease = await held(subject, 'a')
      fences.push(lease.fence)
      await lease.release()
    })
    assert.deepEqual(
      fences,
      [...new Set(fences)].toSorted((a, b) => a - b),
    )
  })
}

function late(property: Property<Lock>): void {
  property('does not let a late holder release, or leave a note', async ({ subject, pass }) => {
    const lease = await held(subject, 'a', 1)
    await pass(1.1)
    const next = await held(subject, 'a')
    assert.equal(await lease.release({ text: 'too late', seconds: 60 }), false)
    assert.equal(await subject.note('a'), undefined)
    assert.equal(await subject.acquire('a', 60), undefined)
    assert.equal(await next.release(), true)
  })

  property('tells a holder whose time is up, also where nobody came after', async (trial) => {
    const lease = await held(trial.subject, 'a', 1)
    await trial.pass(1.1)
    assert.equal(await lease.release({ text: 'too late', seconds: 60 }), false)
    assert.equal(await trial.subject.note('a'), undefined)
  })

  property('is given back once', async ({ subject }) => {
    const lease = await held(subject, 'a')
    assert.equal(await lease.release(), true)
    await held(subject, 'a')
    assert.equal(await lease.release({ text: 'again', seconds: 60 }), false)
    assert.equal(await subject.acquire('a', 60), undefined)
    assert.equal(await subject.note('a'), undefined)
  })
}

function notes(property: Property<Lock>): void {
  property('has no note at first', async ({ subject }) => {
    assert.equal(await subject.note('a'), undefined)
  })

  property('shows the note when the lock is free, not before', async ({ subject }) => {
    const lease = await held(subject, 'a')
    assert.equal(await subject.note('a'), undefined)
    await lease.release({ text: 'done "ü"\n', seconds: 60 })
    assert.equal(await subject.note('a'), 'done "ü"\n')
    assert.equal(await subject.note('b'), undefined)
  })

  property('keeps an empty note too', async ({ subject }) => {
    const lease = await held(subject, 'a')
    await lease.release({ text: '', seconds: 60 })
    assert.equal(await subject.note('a'), '')
  })

  property('keeps the note until a later holder leaves another', async ({ subject }) => {
    await (await held(subject, 'a')).release({ text: 'one', seconds: 60 })
    const second = await held(subject, 'a')
    assert.equal(await subject.note('a'), 'one')
    await second.release()
    assert.equal(await subject.note('a'), 'one')
    await (await held(subject, 'a')).release({ text: 'two', seconds: 60 })
    assert.equal(await subject.note('a'), 'two')
  })

  property('forgets the note when its time is up', async ({ subject, pass }) => {
    await (await held(subject, 'a')).release({ text: 'one', seconds: 1 })
    await pass(1.1)
    assert.equal(await subject.note('a'), undefined)
  })
}
