import type { Reply } from '@portcullis/core'
import type { Answer } from '../check/answer.ts'
import type { Inquiry } from '../check/inquiry.ts'
import type { Collected, Wanted } from './wanted.ts'

/** How one kind of proxy asks over HTTP, and how it wants to be answered. */
export interface HttpDialect {
  readonly name: 'nginx' | 'forward-auth' | 'envoy-http' | 'oauth2-proxy'
  /** Restores the client's request. Throws `InquiryMalformed` where the question itself is wrong: a field missing, twice, or of another dialect. */
  read(question: Question): Inquiry
  /** Every answer in the codes that this proxy can carry. Throws a `Refusal` for what cannot be said in fields. */
  write(answer: Answer): Reply
}

/** What a proxy sends: its own request, in which it relays the client's. */
export interface Question {
  readonly method: string
  /** Path and query of the proxy's request line. */
  readonly target: string
  /** A field by its lower-case name; a repeated field is joined by `', '`. May be taken off the object. */
  readonly header: (name: string) => string | undefined
  /** Several fields in one pass, in the order of their names. */
  readonly collect: (wanted: Wanted) => Collected
}
