import { Outage } from '../errors/outage.ts'
import type { OutageCode } from '../errors/table.ts'
import { passed } from './deadline.ts'
import { describe } from './describe.ts'
import { uncached } from './uncached.ts'

export interface FetchJsonOptions {
  /** The code of the outage that any failure becomes. */
  readonly code: OutageCode
  readonly fetch: typeof globalThis.fetch
  /** Ends the exchange, body included. */
  readonly deadline: AbortSignal
  /** Refuses an address, by throwing; asked for the first one and for every redirect. */
  readonly allow: (url: URL) => void
}

export interface FetchedJson {
  readonly status: number
  readonly headers: Headers
  /** Parsed where the status is 200, otherwise `undefined`. */
  readonly body: unknown
}

const maxBytes = 512 * 1024
const maxRedirects = 3

/** Fetches a small JSON document; whatever goes wrong is an `Outage` that names URL, phase and cause. */
export async function fetchJson(address: string, options: FetchJsonOptions): Promise<FetchedJson> {
  const progress = { phase: 'connect' }
  const start = performance.now()
  try {
    // Raced, because a fetch that was handed in may not listen to its signal.
    return await Promise.race([
      exchange(new URL(address), options, progress),
      passed(options.deadline),
    ])
  } catch (error) {
    const elapsed = `after ${Math.round(performance.now() - start)} ms`
    const cause = options.deadline.aborted ? 'no complete answer' : describe(error)
    const where = { url: address, phase: progress.phase }
    throw new Outage(options.code, `${cause} ${elapsed}`, { ...where, cause: error })
  }
}

async function exchange(
  first: URL,
  options: FetchJsonOptions,
  progress: { phase: string },
): Promise<FetchedJson> {
  let url = first
  for (let hop = 0; hop <= maxRedirects; hop++) {
    options.allow(url)
    // oxlint-disable-next-line no-await-in-loop -- a redirect is known only from the answer before it
    const response = await options.fetch(url.href, {
      // There are issuers that serve their keys under the name of RFC 7517 §8.5.1 and under no other.
      headers: { accept: 'application/json, application/jwk-set+json' },
      redirect: 'manual',
      ...uncached,
      signal: options.deadline,
    })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null) {
      return read(response, progress)
    }
    progress.phase = 'redirect'
    // oxlint-disable-next-line no-await-in-loop -- gives the connection back before the next request
    await response.body?.cancel()
    url = new URL(location, url)
    if (url.origin !== first.origin)
      throw new Error(`it redirects to another origin, ${url.origin}`)
  }
  throw new Error(`it redirects more than ${maxRedirects} times`)
}

async function read(response: Response, progress: { phase: string }): Promise<FetchedJson> {
  const { status, headers } = response
  if (status !== 200) {
    await response.body?.cancel()
    return { status, headers, body: undefined }
  }
  progress.phase = 'body'
  const text = await readText(response)
  progress.phase = 'content'
  return { status, headers, body: parse(text, headers.get('content-type')) }
}

// Counts what arrives after decompression, so that a small archive of a large document ends early too.
async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let size = 0
  let text = ''
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function parse(text: string, type: string | null): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`it is not JSON (content-type ${type ?? 'absent'})`)
  }
}
