import { MemoryStore } from 'express-session'
import { describe, it } from 'vitest'
import {
  fromExpressSessionStore,
  memoryLock,
  memoryReplays,
  memoryRevocations,
  memorySessions,
} from '@portcullis/core'
import { createClock } from '@portcullis/testkit'
import {
  testLock,
  testReplayStore,
  testRevocations,
  testSessionStore,
  type StoreUnderTest,
} from '@portcullis/testkit/contract'

const timed =
  <S>(make: (now: () => number) => S) =>
  (): StoreUnderTest<S> => {
    const clock = createClock()
    return { subject: make(clock.now), pass: clock.advance, now: clock.now }
  }

const runner = { describe, it }

testSessionStore(
  'memory',
  timed((now) => memorySessions({ now })),
  runner,
)
testSessionStore(
  'express-session, its own memory',
  timed((now) => fromExpressSessionStore(new MemoryStore(), { now })),
  runner,
)
testRevocations(
  'memory',
  timed((now) => memoryRevocations({ now })),
  runner,
)
testReplayStore(
  'memory',
  timed((now) => memoryReplays({ now })),
  runner,
)
testLock(
  'memory',
  timed((now) => memoryLock({ now })),
  runner,
)
