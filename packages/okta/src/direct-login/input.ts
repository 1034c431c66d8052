import { type HttpRequest } from '@portcullis/core'
import { recordOf, textOf, type Json } from '../authn/json.ts'
import type { WebAuthnAssertion } from '../direct/options.ts'

/** What was posted. */
export interface Posted {
  readonly text: (name: string) => string | undefined
  /** Empty where the field is not there: then it is refused like any other that cannot be right. */
  readonly needed: (name: string) => string
  readonly assertion: () => WebAuthnAssertion
}

/** Whether the caller is a script, which is answered by JSON. */
export function wantsJson(request: HttpRequest): boolean {
  if (isJson(request)) return true
  const accept = request.header('accept') ?? ''
  return accept.includes('application/json') && !accept.includes('text/html')
}

const isJson = (request: HttpRequest): boolean =>
  /^application\/json\b/i.test(request.header('content-type') ?? '')

/** Reads a form or a JSON object. */
export async function readPosted(request: HttpRequest): Promise<Posted> {
  const fields = isJson(request) ? await jsonOf(request) : Object.fromEntries(await request.form())
  const text = (name: string) => textOf(Object.hasOwn(fields, name) ? fields[name] : undefined)
  return {
    text,
    needed: (name) => text(name) ?? '',
    assertion: () => assertionOf(recordOf(fields['assertion']) ?? {}),
  }
}

const jsonOf = async (request: HttpRequest): Promise<Json> => recordOf(await request.json?.()) ?? {}

function assertionOf(given: Json): WebAuthnAssertion {
  const part = (name: string) => textOf(given[name]) ?? ''
  const userHandle = textOf(given['userHandle'])
  return {
    authenticatorData: part('authenticatorData'),
    clientDataJSON: part('clientDataJSON'),
    signature: part('signature'),
    ...(userHandle !== undefined && { userHandle }),
  }
}
