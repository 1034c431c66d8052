import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Reply } from '@portcullis/core'
import type { Send } from './serve.ts'
import { unsendable } from './reply-text.ts'

/** Sends replies in one piece through `node:http`. */
export const sendThrough =
  (response: ServerResponse): Send =>
  (reply, isLast) => {
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
  // Written out, because the text of the status that failed would stay.
  response.writeHead(503, STATUS_CODES[503], flat(unsendable, false)).end()
}
