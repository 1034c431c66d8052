import { FrameError } from './frame-error.ts'
import { readText, readValue, writeText, writeValue, type Value } from './value.ts'
import { readByte, readVarint, writeVarint, type Cursor } from './varint.ts'

/** The frames of SPOP 2.0 that are used here. */
export const frameTypes = {
  haproxyHello: 1,
  haproxyDisconnect: 2,
  notify: 3,
  agentHello: 101,
  agentDisconnect: 102,
  ack: 103,
} as const

export type FrameType = (typeof frameTypes)[keyof typeof frameTypes]

/** One frame, its content still unread. */
export interface Frame {
  readonly type: number
  readonly streamId: number
  readonly frameId: number
  readonly content: Cursor
}

/** Named values. */
export type Values = ReadonlyMap<string, Value>

/** One message of a NOTIFY. */
export interface Message {
  readonly name: string
  readonly values: Values
}

const finFlag = 1
const unsetType = 0

/** Reads a frame without its length. */
export function readFrame(bytes: Buffer): Frame {
  if (bytes.length < 7) throw new FrameError('invalid', 'it ends too early')
  const type = bytes.readUInt8(0)
  // SPOP 2.0 gave fragments up, and half a question must not be answered.
  if ((bytes.readUInt32BE(1) & finFlag) === 0 || type === unsetType) {
    throw new FrameError('fragmented', 'a fragment')
  }
  const content: Cursor = { bytes, at: 5 }
  const streamId = readVarint(content)
  return { type, streamId, frameId: readVarint(content), content }
}

/** Reads what HELLO and DISCONNECT frames hold. */
export function readValues(cursor: Cursor): Values {
  const values = new Map<string, Value>()
  while (cursor.at < cursor.bytes.length) readNamed(cursor, values)
  return values
}

/** Reads what a NOTIFY frame holds. */
export function readMessages(cursor: Cursor): readonly Message[] {
  const messages: Message[] = []
  while (cursor.at < cursor.bytes.length) {
    const name = readText(cursor)
    const values = new Map<string, Value>()
    for (let left = readByte(cursor); left > 0; left--) readNamed(cursor, values)
    messages.push({ name, values })
  }
  return messages
}

// Of two values by one name nobody could say which is meant.
function readNamed(cursor: Cursor, into: Map<string, Value>): void {
  const name = readText(cursor)
  if (into.has(name)) throw new FrameError('invalid', 'a name that stands twice')
  into.set(name, readValue(cursor))
}

/** Writes a frame, its length before it. */
function frame(
  type: FrameType,
  streamId: number,
  frameId: number,
  fill: (into: number[]) => void,
): Buffer {
  const into = [0, 0, 0, 0, type, 0, 0, 0, finFlag]
  writeVarint(into, streamId)
  writeVarint(into, frameId)
  fill(into)
  const bytes = Buffer.from(into)
  bytes.writeUInt32BE(into.length - 4)
  return bytes
}

/** Writes a HELLO or DISCONNECT frame. */
export const valuesFrame = (type: FrameType, values: Iterable<readonly [string, Value]>): Buffer =>
  frame(type, 0, 0, (into) => {
    for (const [name, value] of values) writeNamed(into, name, value)
  })

/** Writes a NOTIFY frame, as HAProxy does. */
export const notifyFrame = (
  { streamId, frameId }: Pick<Frame, 'streamId' | 'frameId'>,
  messages: readonly Message[],
): Buffer =>
  frame(frameTypes.notify, streamId, frameId, (into) => {
    for (const { name, values } of messages) {
      writeText(into, name)
      into.push(values.size)
      for (const [key, value] of values) writeNamed(into, key, value)
    }
  })

const setVar = 1
const setVarArguments = 3
const transactionScope = 2

/** Writes an ACK frame that sets variables of the transaction. */
export const ackFrame = (
  { streamId, frameId }: Pick<Frame, 'streamId' | 'frameId'>,
  variables: readonly (readonly [name: string, value: Value])[],
): Buffer =>
  frame(frameTypes.ack, streamId, frameId, (into) => {
    for (const [name, value] of variables) {
      into.push(setVar, setVarArguments, transactionScope)
      writeNamed(into, name, value)
    }
  })

function writeNamed(into: number[], name: string, value: Value): void {
  writeText(into, name)
  writeValue(into, value)
}
