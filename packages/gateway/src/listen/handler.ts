import { tell, type Handler, type HttpRequest } from '@portcullis/core'
import type { Check } from '../check/check.ts'
import type { Inquiry } from '../check/inquiry.ts'
import type { HttpDialect, Question } from '../dialects/dialect.ts'
import { answerTo } from './ask.ts'
import type { OnAnswer } from './serve.ts'
import { told, toldError, type Told } from './told.ts'

/** A dialect as a handler of the core, so that any adapter can host it. */
export const handlerFor =
  (dialect: HttpDialect, check: Check, onAnswer?: OnAnswer): Handler =>
  async (request) => {
    const start = performance.now()
    let inquiry: Inquiry | undefined
    let found: Told
    try {
      inquiry = dialect.read(questionOf(request))
      found = told(dialect, await answerTo(check, inquiry))
    } catch (error) {
      found = toldError(dialect, error)
    }
    tell(onAnswer, found.answer, inquiry, (performance.now() - start) / 1000)
    return found.reply
  }

const questionOf = (request: HttpRequest): Question => ({
  method: request.method,
  get target() {
    const from = request.url.indexOf('://') + 3
    // Where the host ends. A slash further behind would be one of the query.
    const length = request.url.slice(from).search(/[/?#]/)
    return length === -1 ? '' : request.url.slice(from + length)
  },
  header: (name) => request.header(name),
  collect: ({ names }) => names.map((name) => request.header(name)),
})
