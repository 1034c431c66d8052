import { Refusal, refuse } from '../errors/refusal.ts'

const maxBytes = 64 * 1024

type Parts = AsyncIterable<Uint8Array | string> | Iterable<never>

/** For adapters: reads a form body (application/x-www-form-urlencoded) that nobody has parsed yet. */
export async function readForm(
  body: AsyncIterable<Uint8Array | string> | null | undefined,
): Promise<URLSearchParams> {
  try {
    return await collect(body ?? [])
  } catch (error) {
    if (Refusal.is(error)) throw error
    throw refuse('malformed_credential', 'The form ended before it was complete.', { cause: error })
  }
}

async function collect(body: Parts): Promise<URLSearchParams> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    // Text, where somebody has set an encoding on the stream.
    const chunk = typeof part === 'string' ? Buffer.from(part) : part
    size += chunk.byteLength
    if (size > maxBytes) {
      throw refuse('malformed_credential', `The form is larger than ${maxBytes} bytes.`)
    }
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString())
}
