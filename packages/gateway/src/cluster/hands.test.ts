import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLineLog } from '../operate/log.ts'
import type { Snapshot } from '../operate/snapshot.ts'
import { createHands, type Hands } from './hands.ts'

const snapshot = (count: number): Snapshot => ({
  decisions: [{ route: 'a', dialect: 'nginx', outcome: 'allowed', reason: 'granted', count }],
  durations: [],
  issuers: [],
  droppedLines: 0,
  strangers: 0,
  residentMemory: 1,
  eventLoopLag: 0,
})

interface Fake {
  readonly asked: string[]
  /** What it answers to `report`; nothing where absent. */
  count: number | undefined
  /** Whether it answers to `begin`. */
  begins: boolean
  exit: () => void
}

let fakes: Fake[]
let hands: Hands
let begins: boolean

const fork = () => {
  const exits: ((how: string) => void)[] = []
  let tell: (message: unknown) => void = () => undefined
  const fake: Fake = {
    asked: [],
    count: 0,
    begins,
    exit: () => exits.forEach((listener) => listener('SIGKILL')),
  }
  fakes.push(fake)
  const answer = (name: string): unknown => {
    if (name === 'report') return fake.count === undefined ? undefined : snapshot(fake.count)
    return name === 'begin' && !fake.begins ? undefined : []
  }
  return {
    pid: fakes.length,
    onExit: (listener: (how: string) => void) => void exits.push(listener),
    kill: () => fake.exit(),
    channel: {
      receive: (listener: (message: unknown) => void) => {
        tell = listener
        setImmediate(() => tell({ portcullis: 'ask', id: 1, name: 'ready' }))
      },
      send: (message: unknown) => {
        const { id, name } = message as { readonly id: number; readonly name?: string }
        if (name === undefined) return
        fake.asked.push(name)
        const data = answer(name)
        if (data !== undefined) setImmediate(() => tell({ portcullis: 'answer', id, data }))
      },
    },
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  fakes = []
  begins = true
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
  hands = createHands({
    count: 2,
    log: createLineLog({ stream }),
    fork,
    assignment: () => Promise.resolve({ config, snapshots: [] }),
    fetch: () => Promise.reject(new Error('nothing is fetched here')),
    onBegun: () => undefined,
  })
})
afterEach(async () => {
  await hands.finish(0)
  vi.useRealTimers()
})

const config = { listen: [], issuers: [], routes: [] }

const total = async (): Promise<number> => {
  const asked = hands.snapshots()
  // Nothing else would end the patience with who does not answer.
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  await vi.advanceTimersByTimeAsync(2000)
  const all = [...(await asked), hands.departed].flatMap(({ decisions }) => decisions)
  return all.reduce((sum, { count }) => sum + count, 0)
}

test('counts of who does not answer, or is gone, stay in the sum', async () => {
  await hands.start()
  const [first, second] = fakes
  if (first === undefined || second === undefined) throw new Error('nobody was started')
  first.count = 3
  second.count = 4
  expect(await total()).toBe(7)
  second.count = undefined
  first.count = 5
  expect(await total()).toBe(9)
  second.exit()
  expect(await total()).toBe(9)
})

test('tells also who has begun and not said so yet, so that no keys pass it by', async () => {
  begins = false
  const started = hands.start().catch(() => undefined)
  await vi.waitFor(
    () => expect(fakes.map(({ asked }) => asked)).toEqual([['begin'], ['begin']]),
    5000,
  )
  hands.tell('adopt', { version: 2, algorithm: 'ES256', overlap: 300, keys: [] })
  expect(fakes.map(({ asked }) => asked)).toEqual([
    ['begin', 'adopt'],
    ['begin', 'adopt'],
  ])
  for (const fake of fakes) fake.exit()
  await started
})
