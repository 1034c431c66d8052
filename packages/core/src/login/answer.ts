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
  if (asAsked) return { parameters: await responseMode.read(request, reading), asAsked }
  return { parameters: errorIn(await query.read(request, reading)), asAsked }
}

const errorParameters = new Set(['error', 'error_description', 'error_uri', 'state', 'iss'])

// Anybody can write a query: what signs people in counts only where it was asked for.
function errorIn(parameters: URLSearchParams): URLSearchParams {
  const kept = [...parameters].filter(([name]) => errorParameters.has(name))
  return new URLSearchParams(kept)
}
