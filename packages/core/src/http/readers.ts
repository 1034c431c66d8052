import type { BodyParts } from './body.ts'
import { readForm } from './form.ts'
import { readJson } from './json.ts'

/** What an adapter reads of a body that nobody has parsed yet. */
export interface BodyReaders {
  readonly form: () => Promise<URLSearchParams>
  readonly json: () => Promise<unknown>
}

/** For adapters: both ways to read a body, which is asked for when one of them is taken. */
export const bodyReaders = (body: () => BodyParts): BodyReaders => ({
  form: () => readForm(body()),
  json: () => readJson(body()),
})
