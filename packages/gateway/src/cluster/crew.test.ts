import { expect, test } from 'vitest'
import { createCrew, type CrewEvent, type Hand } from './crew.ts'

interface FakeHand extends Hand {
  readonly die: (how?: string) => void
}

const setUp = (
  count: number,
  prepare: (hand: FakeHand) => Promise<void> = () => Promise.resolve(),
) => {
  const hands: FakeHand[] = []
  const events: CrewEvent[] = []
  const waiting: { readonly act: () => void; readonly ms: number }[] = []
  const time = { now: 0 }
  const crew = createCrew<FakeHand>({
    count,
    now: () => time.now,
    later: (act, ms) => void waiting.push({ act, ms }),
    onEvent: (event) => void events.push(event),
    prepare,
    fork: () => {
      let listener: (how: string) => void = () => undefined
      const die = (how = 'SIGKILL') => listener(how)
      const hand: FakeHand = {
        pid: hands.length,
        onExit: (given) => {
          listener = given
        },
        kill: () => die(),
        die,
      }
      hands.push(hand)
      return hand
    },
  })
  /** Does what was to be done later; answers the waits. */
  const elapse = async (): Promise<readonly number[]> => {
    const due = waiting.splice(0)
    for (const { act } of due) act()
    await Promise.resolve()
    await Promise.resolve()
    return due.map(({ ms }) => ms)
  }
  return { crew, hands, events, elapse, time }
}

test('fills every place, and replaces who dies', async () => {
  const { crew, hands, events, elapse } = setUp(2)
  await crew.start()
  expect(crew.places.map(({ working }) => working)).toEqual([true, true])
  hands[0]?.die('SIGSEGV')
  expect(crew.places.map(({ working }) => working)).toEqual([false, true])
  expect(await elapse()).toEqual([100])
  expect(crew.places.map(({ working }) => working)).toEqual([true, true])
  expect([crew.restarts, hands.length, crew.failing]).toEqual([1, 3, false])
  expect(events).toContainEqual({ event: 'worker-ended', worker: 0, how: 'SIGSEGV' })
})

test('waits longer each time a place dies young, and says that it is failing', async () => {
  const { crew, hands, elapse, time } = setUp(1)
  await crew.start()
  const waits: (readonly number[])[] = []
  for (let index = 0; index < 12; index++) {
    time.now += 1000
    hands.at(-1)?.die()
    // oxlint-disable-next-line no-await-in-loop -- one death after the other
    waits.push(await elapse())
  }
  expect(waits.flat().slice(0, 5)).toEqual([100, 200, 400, 800, 1600])
  expect(Math.max(...waits.flat())).toBe(30_000)
  expect(crew.failing).toBe(true)
  time.now += 60_001
  expect(crew.failing).toBe(false)
  hands.at(-1)?.die()
  expect(await elapse()).toEqual([100])
})

test('fails to start where a worker cannot begin, and tries no more once it is retired', async () => {
  const refuse = () => Promise.reject(new Error('EADDRINUSE'))
  const { crew, hands, events, elapse } = setUp(1, refuse)
  await expect(crew.start()).rejects.toThrow('EADDRINUSE')
  expect(events).toContainEqual({ event: 'worker-failed', worker: 0, problem: 'EADDRINUSE' })
  crew.retire()
  await elapse()
  expect(hands).toHaveLength(1)
})

test('is gone when the last has ended after it was retired', async () => {
  const { crew, hands, events } = setUp(2)
  await crew.start()
  crew.retire()
  let gone = false
  const ended = crew.gone().then(() => {
    gone = true
  })
  hands[0]?.die()
  await Promise.resolve()
  expect(gone).toBe(false)
  hands[1]?.die()
  await ended
  expect(events.some(({ event }) => event === 'worker-restarting')).toBe(false)
})
