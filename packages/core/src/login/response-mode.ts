import type { LoginClient } from '../client/client.ts'
import type { SignedReader } from '../client/signed.ts'
import type { HttpRequest } from '../http/request.ts'

/** How the answer of an authorization request comes back. */
export interface ResponseMode {
  /** The value of `response_mode`. */
  readonly name: string
  /** Whether the answer is a form that the issuer's page posts: then our cookie must travel across sites. */
  readonly posts: boolean
  /** The parameters of the answer, not yet believed. Rejects with `login_answer_invalid`. */
  read(request: HttpRequest, parts: AnswerParts): Promise<URLSearchParams>
}

/** What the reading of an answer rests on. */
export interface AnswerParts {
  readonly client: LoginClient
  readonly readSigned: SignedReader
}

/** In the query of the redirect URI. */
export const query: ResponseMode = {
  name: 'query',
  posts: false,
  read: ({ url }) => Promise.resolve(new URL(url).searchParams),
}

/** In a form that is posted to the redirect URI. */
export const formPost: ResponseMode = {
  name: 'form_post',
  posts: true,
  read: (request) => request.form(),
}
