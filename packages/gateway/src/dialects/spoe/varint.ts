import { FrameError } from './frame-error.ts'

/** A place in some bytes that moves on as they are read. */
export interface Cursor {
  readonly bytes: Buffer
  at: number
}

/** SPOP's numbers: below 240 one byte, above it four bits and then seven to a byte. */
export function readVarint(cursor: Cursor): number {
  const value = readWideVarint(cursor)
  if (value === undefined) throw new FrameError('invalid', 'a number that is too large')
  return value
}

/** The same for numbers of 64 bits; nothing where JavaScript cannot hold it exactly. */
export function readWideVarint(cursor: Cursor): number | undefined {
  const first = readByte(cursor)
  if (first < 240) return first
  let value = first
  let unit = 16
  for (let more = true; more; unit *= 128) {
    const byte = readByte(cursor)
    value += byte * unit
    more = byte >= 128
    if (unit > largestUnit) throw new FrameError('invalid', 'a number of more than 64 bits')
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined
}

// Nine bytes after the first carry 4 + 9 * 7 bits: more than 64.
const largestUnit = 16 * 128 ** 9

/** Reads one byte. */
export function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at]
  if (byte === undefined) throw new FrameError('invalid', 'it ends too early')
  cursor.at++
  return byte
}

/** Reads so many bytes, without copying them. */
export function readBytes(cursor: Cursor, length: number): Buffer {
  const end = cursor.at + length
  if (end > cursor.bytes.length) throw new FrameError('invalid', 'it ends too early')
  const found = cursor.bytes.subarray(cursor.at, end)
  cursor.at = end
  return found
}

/** Writes a number that is whole and not negative. */
export function writeVarint(into: number[], value: number): void {
  if (value < 240) {
    into.push(value)
    return
  }
  into.push(240 + (value % 16))
  let rest = Math.floor((value - 240) / 16)
  while (rest >= 128) {
    into.push(128 + (rest % 128))
    rest = Math.floor((rest - 128) / 128)
  }
  into.push(rest)
}
