import type { IncomingMessage } from 'node:http'

/** Reads a small form post. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > 100_000) throw new Error('the form is too large')
  }
  return new URLSearchParams(text)
}
