import { repeatsMember } from '../lib/json.ts'
import { readBody, unreadable, type BodyParts } from './body.ts'

/** Reads a JSON body that nobody has parsed yet. Rejects with a `Refusal` where it is none. */
export const readJson = async (body: BodyParts): Promise<unknown> => parseJson(await readBody(body))

/** The value of a JSON text. Two members of one name are refused: which of them counts is anybody's guess. */
export function parseJson(text: string): unknown {
  const value = parsed(text)
  if (value === undefined || repeatsMember(text)) {
    throw unreadable('The body is no JSON, or names a member twice.')
  }
  return value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The error of the parser quotes the text.
    return undefined
  }
}
