import type { HttpRequest } from './request.ts'

/** One header field to send. Several fields of the same name are several entries. */
export type HeaderField = readonly [name: string, value: string]

/** What the core wants sent. */
export interface Reply {
  readonly status: number
  readonly headers: readonly HeaderField[]
  readonly body?: string
}

/** Answers a request, or `undefined` where the request is not its own. */
export type Handler = (request: HttpRequest) => Promise<Reply | undefined>
