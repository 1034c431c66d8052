import type { IncomingMessage } from 'node:http'
import type { Question } from '../dialects/dialect.ts'
import { collect } from '../dialects/wanted.ts'

/** What is read of a request as Node received it. */
export type RawRequest = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>

/** Views a request of the listener. Leaner than the core's view: nobody asks for a URL, a body or a certificate. */
export const questionOf = (request: RawRequest): Question => ({
  method: request.method ?? '',
  target: request.url ?? '',
  header: (name) => fieldOf(request.rawHeaders, name),
  collect: (wanted) => collect(request.rawHeaders, wanted),
})

// Node's parsed fields keep only the first of two Authorization fields; the raw list keeps both.
function fieldOf(raw: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const candidate = raw[index]
    if (candidate?.length !== name.length || candidate.toLowerCase() !== name) continue
    const value = raw[index + 1] ?? ''
    found = found === undefined ? value : `${found}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return found
}
