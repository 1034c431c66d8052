import type { HttpRequest } from '../http/request.ts'
import { query } from './response-mode.ts'
import type { LoginParts } from './site.ts'

/** The parameters of an answer, and whether they came in the way that was asked for. */
export interface Answer {
  readonly parameters: URLSearchParams
  readonly asAsked: boolean
}

/**
 * Reads an answer. Issuers that cannot make out how to answer say so in the query, whatever the
 * request asked for.
 */
export async function readAnswer(
  { responseMode, client, readSigned }: LoginParts,
  request: HttpRequest,
): Promise<Answer> {
  const asAsked = request.method === (responseMode.posts ? 'POST' : 'GET')
  const reading = { client, readSigned }
  return { parameters: await (asAsked ? responseMode : query).read(request, reading), asAsked }
}
