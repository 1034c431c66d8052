import type { ServerResponse } from 'node:http'
import type { Reply } from '@portcullis/core'

/** Sends a reply in one piece. What cannot be sent becomes a 503, and the reason is returned. */
export function send(response: ServerResponse, reply: Reply, isLast: boolean): unknown {
  try {
    response.writeHead(reply.status, flat(reply, isLast))
    response.end(reply.body)
    return undefined
  } catch (error) {
    giveUp(response)
    return error
  }
}

// Node takes names and values in turn, and makes no object of them.
function flat({ headers }: Reply, isLast: boolean): string[] {
  const fields: string[] = []
  for (const field of headers) fields.push(field[0], field[1])
  if (isLast) fields.push('Connection', 'close')
  return fields
}

function giveUp(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(503, ['Retry-After', '1', 'Cache-Control', 'no-store', 'Content-Length', '0'])
  response.end()
}
