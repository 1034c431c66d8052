import type { RawRequest } from './question.ts'

// What proxies send when they ask: GET, printable ASCII, no body, and nothing behind it. Each character
// has one place where it can be, so the expression never goes back.
const shape = /^GET \/[!-~]* HTTP\/1\.1\r\n(?:[\w-]+:[ -~]*\r\n)+\r\n$/

// Fields that say where a message ends or what becomes of its connection, and the one value with which
// they say nothing.
const special: ReadonlyMap<string, string | undefined> = new Map([
  ['connection', 'keep-alive'],
  ['content-length', '0'],
  ['expect', undefined],
  ['keep-alive', undefined],
  ['proxy-connection', undefined],
  ['trailer', undefined],
  ['transfer-encoding', undefined],
  ['upgrade', undefined],
])
const watched: ReadonlySet<number> = new Set(
  [...special.keys(), 'host'].map(({ length }) => length),
)

const mostCharacters = 16_384
const pathFrom = 'GET '.length
const version = ' HTTP/1.1'.length

/**
 * Reads a text that is one whole request of the plainest kind, exactly as `node:http` does. `undefined`
 * for all others, good and bad: `node:http` reads those, so that no text is ever read in two ways.
 */
export function readPlainRequest(text: string): RawRequest | undefined {
  if (text.length > mostCharacters || !shape.test(text)) return undefined
  const line = text.indexOf('\r\n')
  const rawHeaders: string[] = []
  let hosts = 0
  let lengths = 0
  for (let from = line + 2; from < text.length - 2;) {
    const colon = text.indexOf(':', from)
    const end = text.indexOf('\r\n', colon)
    const name = text.slice(from, colon)
    const value = text.slice(colon + 1, end).trim()
    if (watched.has(name.length)) {
      const lower = name.toLowerCase()
      if (lower === 'host') hosts += 1
      else if (lower === 'content-length') lengths += 1
      if (special.has(lower) && special.get(lower) !== value.toLowerCase()) return undefined
    }
    rawHeaders.push(name, value)
    from = end + 2
  }
  if (hosts !== 1 || lengths > 1) return undefined
  return { method: 'GET', url: text.slice(pathFrom, line - version), rawHeaders }
}
