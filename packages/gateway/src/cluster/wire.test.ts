import { expect, test } from 'vitest'
import { createWire, type Calls, type Channel } from './wire.ts'

/** Two ends of a pipe; what is no JSON does not get through. */
const pipe = (): readonly [Channel, Channel] => {
  const listeners: ((message: unknown) => void)[][] = [[], []]
  const end = (own: number): Channel => ({
    receive: (listener) => void listeners[own]?.push(listener),
    send: (message) => {
      const text = JSON.stringify(message)
      queueMicrotask(() => listeners[1 - own]?.forEach((listener) => listener(JSON.parse(text))))
    },
  })
  return [end(0), end(1)]
}

interface Theirs {
  double(value: number): Promise<number>
  fail(value: string): void
  never(value: undefined): Promise<void>
}

const theirs: Calls = {
  double: (value: number) => Promise.resolve(value * 2),
  fail: (value: string) => {
    throw new Error(`not ${value}`)
  },
  never: () => new Promise(() => undefined),
}

const join = (calls: Calls = theirs) => {
  const [here, there] = pipe()
  createWire<object>(there, calls)
  return { wire: createWire<Theirs>(here, {}), here, there }
}

test('asks the other end and gets its answer, several at once', async () => {
  const { wire } = join()
  expect(await Promise.all([wire.ask('double', 1, 1), wire.ask('double', 2, 1)])).toEqual([2, 4])
})

test('fails with what the other end failed with', async () => {
  await expect(join().wire.ask('fail', 'today', 1)).rejects.toThrow('not today')
})

test('tells an error of the system from a mistake of the program', async () => {
  const taken = Object.assign(new Error('bind EADDRINUSE 127.0.0.1:1'), { code: 'EADDRINUSE' })
  const { wire } = join({
    fail: () => {
      throw taken
    },
  })
  await expect(wire.ask('fail', '', 1)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  const mistake = await join()
    .wire.ask('fail', '', 1)
    .catch((error: unknown) => error)
  expect(mistake).not.toHaveProperty('code')
})

test('fails where nobody answers to a name, in time, or any more', async () => {
  await expect(join({}).wire.ask('double', 1, 1)).rejects.toThrow('nobody answers to double')
  const { wire } = join()
  await expect(wire.ask('never', undefined, 0.01)).rejects.toThrow('no answer to never')
  const waiting = wire.ask('never', undefined, 10)
  wire.close('the worker is gone')
  await expect(waiting).rejects.toThrow('the worker is gone')
})

test('overlooks messages that are not its own', async () => {
  const { wire, there } = join()
  for (const message of [
    null,
    'x',
    { portcullis: 'ask' },
    { id: 1 },
    { portcullis: 'answer', id: 9 },
  ])
    there.send(message)
  expect(await wire.ask('double', 4, 1)).toBe(8)
})
