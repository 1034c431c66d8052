import { Refusal, refuse } from '../errors/refusal.ts'

const maxBytes = 64 * 1024

/** A body in the pieces that it comes in; text, where somebody has set an encoding on the stream. */
export type BodyParts = AsyncIterable<Uint8Array | string> | null | undefined

/** Reads the text of a body that nobody has parsed yet. */
export async function readBody(body: BodyParts): Promise<string> {
  try {
    return body ? await collect(body) : ''
  } catch (error) {
    if (Refusal.is(error)) throw error
    throw unreadable('The body ended before it was complete.', error)
  }
}

/** The refusal of a request whose body cannot be read. */
export const unreadable = (reason: string, cause?: unknown): Refusal =>
  refuse('malformed_credential', reason, { trail: { check: 'body' }, cause })

async function collect(body: AsyncIterable<Uint8Array | string>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const part of leftAtOnce(body)) {
    const chunk = typeof part === 'string' ? Buffer.from(part) : part
    size += chunk.byteLength
    if (size > maxBytes) throw unreadable(`The body is larger than ${maxBytes} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

// One half of a body that was cloned is given up only together with the other half, which nobody is going
// to read where the first was too large: whoever waited for that would wait for ever.
const leftAtOnce = <T>(parts: AsyncIterable<T>): AsyncIterable<T> => ({
  [Symbol.asyncIterator]: () => {
    const reading = parts[Symbol.asyncIterator]()
    return {
      next: () => reading.next(),
      return: (value: unknown) => {
        reading.return?.().catch(() => undefined)
        return Promise.resolve({ done: true, value })
      },
    }
  },
})
