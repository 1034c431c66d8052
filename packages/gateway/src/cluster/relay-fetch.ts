import { writeResponse, type FetchedDocument } from './document.ts'

/**
 * A `fetch` whose GETs are made by the primary, once for all processes. What carries a body or a
 * credential, a question to an introspection endpoint for example, goes its own way.
 */
export const relayFetch =
  (
    ask: (address: string) => Promise<FetchedDocument>,
    direct: typeof globalThis.fetch = (...given) => globalThis.fetch(...given),
  ): typeof globalThis.fetch =>
  async (input, init) => {
    if (typeof input !== 'string' || !isPlain(init)) return direct(input, init)
    init?.signal?.throwIfAborted()
    return writeResponse(await ended(ask(input), init?.signal ?? undefined))
  }

function isPlain(init: RequestInit | undefined): boolean {
  if (init === undefined) return true
  const { method = 'GET', body } = init
  const headers = new Headers(init.headers)
  const secret = headers.has('authorization') || headers.has('cookie') || headers.has('dpop')
  return method.toUpperCase() === 'GET' && (body === undefined || body === null) && !secret
}

const ended = <T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    answer.then(resolve, reject).finally(() => signal?.removeEventListener('abort', abort))
  })
