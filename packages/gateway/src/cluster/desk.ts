import { readDocument, type FetchedDocument } from './document.ts'

/** Fetches metadata and keys for every process of the program. */
export interface Desk {
  /** `asker` tells processes apart: nobody is handed the same answer twice. */
  fetch(asker: number, address: string): Promise<FetchedDocument>
  /** Says that a process has what was fetched from there already: if it asks, it is after something newer. */
  handed(asker: number, address: string): void
  /** Whose metadata may be fetched, and with them the keys they name; replaces what was said before. */
  trust(issuers: readonly string[]): void
}

/** What a desk takes from its surroundings. */
export interface DeskOptions {
  readonly fetch: typeof globalThis.fetch
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Seconds for one fetch, body included. */
  readonly timeout: number
}

interface Kept {
  readonly document: FetchedDocument
  readonly at: number
  readonly given: Set<number>
}

// A process that starts takes what the others have just fetched. One that asks again is after something
// newer, a key that it does not know: what another got since then is what it would get itself.
const forNewcomers = 10_000
const forOthers = 3000
const mostAddresses = 64

/** Makes the desk: one flight for each address, and an answer for as long as processes start together. */
export function createDesk({ fetch, now, timeout }: DeskOptions): Desk {
  const kept = new Map<string, Kept>()
  const seen = new Map<string, Set<number>>()
  const flights = new Map<string, Promise<Kept>>()
  let trusted: ReadonlySet<string> = new Set()
  const learned = new Set<string>()

  const fly = async (address: string): Promise<Kept> => {
    const signal = AbortSignal.timeout(timeout * 1000)
    const headers = { accept: 'application/json' }
    // Redirects are judged by whoever asked.
    const response = await fetch(address, { headers, redirect: 'manual', signal })
    const document = await readDocument(response)
    if (document.status === 200) learn(learned, document.body)
    const answer = { document, at: now(), given: new Set<number>() }
    // A failure is told to those who wait for it, and to nobody after them.
    if (document.status === 200) keep(kept, address, answer)
    return answer
  }

  const flight = (address: string): Promise<Kept> => {
    const flying = flights.get(address) ?? fly(address).finally(() => void flights.delete(address))
    flights.set(address, flying)
    return flying
  }

  const reusable = (asker: number, address: string): Kept | undefined => {
    const last = kept.get(address)
    if (last === undefined || last.given.has(asker)) return undefined
    const newcomer = seen.get(address)?.has(asker) !== true
    return now() - last.at < (newcomer ? forNewcomers : forOthers) ? last : undefined
  }

  const give = (asker: number, address: string, answer: Kept | undefined): void => {
    answer?.given.add(asker)
    const askers = seen.get(address) ?? new Set()
    keep(seen, address, askers.add(asker))
  }

  return {
    trust: (issuers) => {
      trusted = new Set(issuers.map((issuer) => new URL(issuer).origin))
    },
    fetch: async (asker, address) => {
      const { origin } = new URL(address)
      if (!trusted.has(origin) && !learned.has(origin))
        throw new Error(`${origin} is no issuer of this gateway`)
      const answer = reusable(asker, address) ?? (await flight(address))
      give(asker, address, answer)
      return answer.document
    },
    handed: (asker, address) => give(asker, address, kept.get(address)),
  }
}

/** Metadata say where the keys are, which may be at another origin. */
function learn(origins: Set<string>, body: string): void {
  try {
    const metadata: unknown = JSON.parse(body)
    if (typeof metadata !== 'object' || metadata === null || !('jwks_uri' in metadata)) return
    const { jwks_uri: keys } = metadata
    if (typeof keys === 'string' && origins.size < mostAddresses) origins.add(new URL(keys).origin)
  } catch {
    // It is for whoever asked to say what is wrong with it.
  }
}

function keep<T>(map: Map<string, T>, address: string, value: T): void {
  map.delete(address)
  map.set(address, value)
  const [oldest] = map.keys()
  if (map.size > mostAddresses && oldest !== undefined) map.delete(oldest)
}
