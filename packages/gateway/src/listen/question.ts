import type { IncomingMessage } from 'node:http'
import { rawField } from '@portcullis/core/node'
import type { Question } from '../dialects/dialect.ts'
import { collect } from '../dialects/wanted.ts'

/** What is read of a request as Node received it. */
export type RawRequest = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>

/** Views a request of the listener. Leaner than the core's view: nobody asks for a URL, a body or a certificate. */
export const questionOf = (request: RawRequest): Question => ({
  method: request.method ?? '',
  target: request.url ?? '',
  header: (name) => rawField(request.rawHeaders, name),
  collect: (wanted) => collect(request.rawHeaders, wanted),
})
