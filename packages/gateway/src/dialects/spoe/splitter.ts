import { FrameError } from './frame-error.ts'

/** Cuts a stream of bytes into frames. `take` gets each without its length. */
export function createSplitter(
  limit: () => number,
  take: (frame: Buffer) => void,
): (chunk: Buffer) => void {
  let kept: Buffer | undefined
  return (chunk) => {
    let bytes = kept === undefined ? chunk : Buffer.concat([kept, chunk])
    kept = undefined
    while (bytes.length >= 4) {
      const length = bytes.readUInt32BE(0)
      if (length > limit()) throw new FrameError('tooBig', 'a frame beyond the agreed size')
      if (bytes.length < 4 + length) break
      take(bytes.subarray(4, 4 + length))
      bytes = bytes.subarray(4 + length)
    }
    if (bytes.length > 0) kept = bytes
  }
}
