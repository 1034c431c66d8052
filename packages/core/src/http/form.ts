import { readBody, type BodyParts } from './body.ts'

/** Reads a form body (application/x-www-form-urlencoded) that nobody has parsed yet. */
export const readForm = async (body: BodyParts): Promise<URLSearchParams> =>
  new URLSearchParams(await readBody(body))
