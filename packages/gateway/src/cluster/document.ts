/** An answer to a GET, as it travels between the processes of the program. */
export interface FetchedDocument {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

const passedOn = ['age', 'cache-control', 'content-type', 'date', 'expires', 'location']
const maxBytes = 1024 * 1024

/** Reads an answer whole, but no more than a megabyte of it. */
export async function readDocument(response: Response): Promise<FetchedDocument> {
  const decoder = new TextDecoder()
  let body = ''
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
    body += decoder.decode(chunk, { stream: true })
  }
  body += decoder.decode()
  const headers = passedOn.flatMap((name) => {
    const value = response.headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  return { status: response.status, headers, body }
}

/** The answer as `fetch` would have given it. */
export function writeResponse({ status, headers, body }: FetchedDocument): Response {
  const bodiless = status === 204 || status === 205 || status === 304
  return new Response(bodiless ? null : body, {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  })
}
