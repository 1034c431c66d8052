import type { IncomingMessage } from 'node:http'
import type { Call } from './wire.ts'

const maximum = 200_000

/** Reads a request to its end. */
export async function readCall(
  request: IncomingMessage,
  url: URL,
  path: Readonly<Record<string, string>>,
): Promise<Call> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) {
    body += String(chunk)
    if (body.length > maximum) throw new Error('the request is too large')
  }
  const { headers, rawHeaders, method = 'GET' } = request
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  return {
    method,
    url,
    headers,
    rawHeaders,
    body,
    path,
    cookies: cookiesOf(headers.cookie ?? ''),
    form: new URLSearchParams(isForm ? body : ''),
  }
}

const cookiesOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(/; */).flatMap((pair): readonly [string, string][] => {
      const at = pair.indexOf('=')
      return at < 1 ? [] : [[pair.slice(0, at), pair.slice(at + 1)]]
    }),
  )
