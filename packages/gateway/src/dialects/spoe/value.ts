import { FrameError } from './frame-error.ts'
import {
  readByte,
  readBytes,
  readVarint,
  readWideVarint,
  writeVarint,
  type Cursor,
} from './varint.ts'

/**
 * A typed value of SPOP: text, bytes (also addresses), a number, a truth value, or nothing. Numbers that
 * JavaScript cannot hold exactly are read as nothing.
 */
export type Value = string | Uint8Array | number | boolean | undefined

const kinds = {
  none: 0,
  truth: 1,
  int32: 2,
  uint32: 3,
  int64: 4,
  uint64: 5,
  ipv4: 6,
  ipv6: 7,
  text: 8,
  bytes: 9,
} as const

const trueFlag = 0x10

/** Reads one value with its type. */
export function readValue(cursor: Cursor): Value {
  const head = readByte(cursor)
  switch (head & 0x0f) {
    case kinds.none:
      return undefined
    case kinds.truth:
      return (head & trueFlag) !== 0
    case kinds.int32:
    case kinds.uint32:
    case kinds.int64:
    case kinds.uint64:
      return readWideVarint(cursor)
    case kinds.ipv4:
      return readBytes(cursor, 4)
    case kinds.ipv6:
      return readBytes(cursor, 16)
    case kinds.text:
      return readText(cursor)
    case kinds.bytes:
      return readBytes(cursor, readVarint(cursor))
    default:
      throw new FrameError('invalid', 'a value of an unknown type')
  }
}

/** Reads a text; every byte is a character, as in the fields of HTTP. */
export const readText = (cursor: Cursor): string =>
  readBytes(cursor, readVarint(cursor)).toString('latin1')

/** Writes one value with its type. */
export function writeValue(into: number[], value: Value): void {
  if (value === undefined) into.push(kinds.none)
  else if (typeof value === 'boolean') into.push(kinds.truth + (value ? trueFlag : 0))
  else if (typeof value === 'number') {
    into.push(value <= 0x7fff_ffff ? kinds.uint32 : kinds.uint64)
    writeVarint(into, value)
  } else if (typeof value === 'string') {
    into.push(kinds.text)
    writeText(into, value)
  } else {
    into.push(kinds.bytes)
    writeVarint(into, value.length)
    for (const byte of value) into.push(byte)
  }
}

/** Writes a text; what is beyond a byte cannot stand in a field and becomes `?`. */
export function writeText(into: number[], text: string): void {
  writeVarint(into, text.length)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    into.push(code > 0xff ? 0x3f : code)
  }
}
