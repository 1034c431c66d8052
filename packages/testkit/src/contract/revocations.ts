import assert from 'node:assert/strict'
import type { Revocations } from '@portcullis/core'
import type { Runner } from './adapter.ts'
import { propertiesOf, type CreateStore } from './stores.ts'

/** Proves a memory of what was ended: registers one suite with any test runner. */
export function testRevocations(
  name: string,
  create: CreateStore<Revocations>,
  runner: Runner,
): void {
  runner.describe(`revocations: ${name}`, () => {
    const property = propertiesOf(create, runner)

    property('knows of none at first', async ({ subject }) => {
      assert.equal(await subject.latest(['a']), undefined)
      assert.equal(await subject.latest([]), undefined)
    })

    property('gives the newest mark on any of the names', async ({ subject, now }) => {
      const at = now()
      await subject.revoke('a', at, 60)
      await subject.revoke('{b} c"\n', at + 2000, 60)
      assert.equal(await subject.latest(['a']), at)
      assert.equal(await subject.latest(['none', 'a']), at)
      assert.equal(await subject.latest(['{b} c"\n', 'a', 'none']), at + 2000)
      assert.equal(await subject.latest(['none']), undefined)
    })

    property('lets a newer mark replace an older one, never the reverse', async (trial) => {
      const { subject, now } = trial
      const at = now()
      await subject.revoke('a', at, 60)
      await subject.revoke('a', at - 5000, 60)
      assert.equal(await subject.latest(['a']), at)
      await subject.revoke('a', at + 1, 60)
      assert.equal(await subject.latest(['a']), at + 1)
    })

    property('keeps the latest mark that there can be', async ({ subject, now }) => {
      await subject.revoke('a', Number.MAX_SAFE_INTEGER, 60)
      await subject.revoke('a', now(), 60)
      assert.equal(await subject.latest(['a']), Number.MAX_SAFE_INTEGER)
    })

    property('ends with the newest mark, in whatever order they come', async ({ subject, now }) => {
      const at = now()
      const marks = Array.from({ length: 20 }, (_, index) => at + ((index * 7) % 20))
      await Promise.all(marks.map(async (mark) => subject.revoke('a', mark, 60)))
      assert.equal(await subject.latest(['a']), at + 19)
    })

    property('forgets a mark when its time is up, not before', async ({ subject, now, pass }) => {
      const at = now()
      await subject.revoke('a', at, 1)
      await subject.revoke('b', at - 1, 60)
      assert.equal(await subject.latest(['a', 'b']), at)
      await pass(1.1)
      assert.equal(await subject.latest(['a', 'b']), at - 1)
    })

    property('keeps a mark for the longer of two times', async ({ subject, now, pass }) => {
      const at = now()
      await subject.revoke('a', at, 60)
      await subject.revoke('a', at + 1, 1)
      await subject.revoke('b', at, 1)
      await subject.revoke('b', at - 1, 60)
      await pass(1.1)
      assert.equal(await subject.latest(['a']), at + 1)
      assert.equal(await subject.latest(['b']), at)
    })
  })
}
