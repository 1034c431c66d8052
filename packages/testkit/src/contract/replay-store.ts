import assert from 'node:assert/strict'
import type { ReplayStore } from '@portcullis/core'
import type { Runner } from './adapter.ts'
import { propertiesOf, winners, type CreateStore } from './stores.ts'

/** Proves a memory of names that may be used once: registers one suite with any test runner. */
export function testReplayStore(
  name: string,
  create: CreateStore<ReplayStore>,
  runner: Runner,
): void {
  runner.describe(`replay store: ${name}`, () => {
    const property = propertiesOf(create, runner)

    property('lets a name be used once', async ({ subject }) => {
      assert.equal(await subject.first('{a}\n"', 60), true)
      assert.equal(await subject.first('{a}\n"', 60), false)
      assert.equal(await subject.first('{a}', 60), true)
    })

    property('tells whether a name was used, and uses none up by telling', async ({ subject }) => {
      assert.equal(await subject.has('a'), false)
      assert.equal(await subject.has('a'), false)
      assert.equal(await subject.first('a', 60), true)
      assert.equal(await subject.has('a'), true)
      assert.equal(await subject.has('b'), false)
    })

    property('lets exactly one of 50 be the first', async ({ subject }) => {
      assert.equal(await winners(50, () => subject.first('a', 60)), 1)
    })

    property('forgets a name when its time is up, not before', async ({ subject, pass }) => {
      await subject.first('a', 1)
      await subject.first('b', 60)
      await pass(1.1)
      assert.deepEqual([await subject.has('a'), await subject.has('b')], [false, true])
      assert.deepEqual([await subject.first('a', 60), await subject.first('b', 60)], [true, false])
    })

    property('does not prolong a name by its second use', async ({ subject, pass }) => {
      await subject.first('a', 1)
      await subject.first('a', 60)
      await pass(1.1)
      assert.equal(await subject.first('a', 60), true)
    })
  })
}
