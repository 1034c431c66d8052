import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameError } from './frame-error.ts'
import {
  ackFrame,
  frameTypes,
  notifyFrame,
  readFrame,
  readMessages,
  readValues,
  valuesFrame,
  type Message,
} from './frame.ts'
import { createSplitter } from './splitter.ts'
import type { Value } from './value.ts'
import { readVarint, readWideVarint, writeVarint } from './varint.ts'

const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const latin1 = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)),
})
const value: fc.Arbitrary<Value> = fc.oneof(
  latin1,
  whole,
  fc.boolean(),
  fc.constant(undefined),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
)
const named = fc.uniqueArray(fc.tuple(latin1, value), { selector: ([name]) => name, maxLength: 20 })
const messages: fc.Arbitrary<readonly Message[]> = fc.array(
  fc.record({ name: latin1, values: named.map((list) => new Map(list)) }),
  { maxLength: 3 },
)

const body = (frame: Buffer): Buffer => {
  expect(frame.readUInt32BE(0)).toBe(frame.length - 4)
  return frame.subarray(4)
}

describe('numbers of SPOP', () => {
  test('come back as they were written', () => {
    fc.assert(
      fc.property(whole, (number) => {
        const into: number[] = []
        writeVarint(into, number)
        const cursor = { bytes: Buffer.from(into), at: 0 }
        expect(readVarint(cursor)).toBe(number)
        expect(cursor.at).toBe(into.length)
      }),
    )
  })

  // The limits that HAProxy's document of SPOP names for each length.
  test.each([
    [0, 1],
    [239, 1],
    [240, 2],
    [2287, 2],
    [2288, 3],
    [264_431, 3],
    [264_432, 4],
  ])('%i takes %i bytes', (number, length) => {
    const into: number[] = []
    writeVarint(into, number)
    expect(into).toHaveLength(length)
  })

  test('of 64 bits are read past, and are nothing', () => {
    // -1 as a 64-bit number.
    const bytes = Buffer.from('fff0fefefefefefefefe0e', 'hex')
    const cursor = { bytes, at: 0 }
    expect(readWideVarint(cursor)).toBeUndefined()
    expect(() => readVarint({ bytes, at: 0 })).toThrow(FrameError)
  })

  test('that never end are refused', () => {
    expect(() => readWideVarint({ bytes: Buffer.alloc(40, 0xff), at: 0 })).toThrow('64 bits')
  })
})

describe('frames of SPOP', () => {
  test('hand on every message and value', () => {
    fc.assert(
      fc.property(whole, whole, messages, (streamId, frameId, given) => {
        const frame = readFrame(body(notifyFrame({ streamId, frameId }, given)))
        expect(frame).toMatchObject({ type: frameTypes.notify, streamId, frameId })
        expect(readMessages(frame.content)).toEqual(given)
      }),
    )
  })

  test('hand on what HELLO says', () => {
    fc.assert(
      fc.property(named, (given) => {
        const frame = readFrame(body(valuesFrame(frameTypes.agentHello, given)))
        expect([...readValues(frame.content)]).toEqual(given)
      }),
    )
  })

  test('set variables in the transaction', () => {
    const ack = ackFrame({ streamId: 1, frameId: 300 }, [
      ['status', 401],
      ['challenge', 'B'],
    ])
    // ACK, FIN, stream 1, frame 300; twice: set-var, three arguments, scope txn, name, value
    const variables = [
      `01030206${hex('status')}03f10a`,
      `01030209${hex('challenge')}0801${hex('B')}`,
    ]
    expect(body(ack).toString('hex')).toBe(`670000000101fc03${variables.join('')}`)
  })

  test('that are fragments are refused', () => {
    const frame = body(notifyFrame({ streamId: 1, frameId: 1 }, []))
    frame.writeUInt32BE(0, 1)
    expect(() => readFrame(frame)).toThrow(expect.objectContaining({ reason: 'fragmented' }))
  })

  test('that name a value twice are refused', () => {
    const frame = readFrame(
      body(
        valuesFrame(frameTypes.agentHello, [
          ['a', 1],
          ['a', 2],
        ]),
      ),
    )
    expect(() => readValues(frame.content)).toThrow('twice')
  })

  test('of any bytes at all fail as frames, and in no other way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const frame = Buffer.concat([Buffer.from([3, 0, 0, 0, 1]), bytes])
        const failures = [readMessages, readValues].flatMap((read) =>
          failureOf(() => read(readFrame(frame).content)),
        )
        expect(failures.filter((error) => !(error instanceof FrameError))).toEqual([])
      }),
      { numRuns: 3000 },
    )
  })

  test('that were cut at any place are refused', () => {
    const given = [
      {
        name: 'check',
        values: new Map<string, Value>([
          ['method', 'GET'],
          ['n', 3000],
        ]),
      },
    ]
    const frame = body(notifyFrame({ streamId: 7, frameId: 400 }, given))
    const lengths = Array.from({ length: frame.length }, (_, length) => length)
    const readable = lengths.filter(
      (length) =>
        failureOf(() => readMessages(readFrame(frame.subarray(0, length)).content)).length === 0,
    )
    // Cut right behind its numbers it is a NOTIFY without messages.
    expect(readable).toEqual([8])
  })
})

describe('a stream of frames', () => {
  test('is cut the same, however its bytes arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 }),
        (frames, steps) => {
          const bytes = Buffer.concat(
            frames.flatMap((frame) => {
              const length = Buffer.alloc(4)
              length.writeUInt32BE(frame.length)
              return [length, frame]
            }),
          )
          const taken: Buffer[] = []
          const split = createSplitter(
            () => 50,
            (frame) => taken.push(Buffer.from(frame)),
          )
          for (let at = 0, step = 0; at < bytes.length; step++) {
            const next = at + (steps[step % steps.length] ?? 1)
            split(bytes.subarray(at, next))
            at = next
          }
          expect(taken).toEqual(frames.map((frame) => Buffer.from(frame)))
        },
      ),
    )
  })

  test('ends at a frame beyond the limit, before its bytes are kept', () => {
    const split = createSplitter(
      () => 16_380,
      () => {},
    )
    expect(() => split(Buffer.from([0, 0, 0x40, 0]))).toThrow(
      expect.objectContaining({ reason: 'tooBig' }),
    )
  })
})

const hex = (text: string): string => Buffer.from(text).toString('hex')

const failureOf = (act: () => unknown): readonly unknown[] => {
  try {
    act()
    return []
  } catch (error) {
    return [error]
  }
}
