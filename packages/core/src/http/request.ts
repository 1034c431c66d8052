import type { HeaderField } from './reply.ts'

/** What the core reads of a request. Adapters build it over the host's own request, lazily. */
export interface HttpRequest {
  readonly method: string
  /** Absolute, as the client saw it. Computed when it is read. */
  readonly url: string
  /** A field by its lower-case name; a repeated field is joined by `', '`, so that a duplicate is visible. */
  header(name: string): string | undefined
  /** The body of a form post, parsed already or not. Only asked for where a form is expected. */
  form(): Promise<URLSearchParams>
  /**
   * The body of a JSON post, parsed already or not; rejects with a `Refusal` where it is no JSON. Only
   * asked for where JSON is expected; the adapters of Portcullis all have it.
   */
  json?(): Promise<unknown>
  /** The client's certificate (DER) where the connection carries one. */
  certificate?(): Uint8Array | undefined
  /** The response, where the host lends it: for cookies that change behind the guard. */
  readonly response?: LateResponse | undefined
}

/** A response to which fields can be added until it is sent. */
export interface LateResponse {
  /** Whether it is too late. */
  readonly sent: boolean
  append(fields: readonly HeaderField[]): void
  /** Takes cookies of these names, paths and domains back that were appended; the adapters of Portcullis all have it. */
  takeBack?(fields: readonly HeaderField[]): void
}
