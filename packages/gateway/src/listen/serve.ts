import { isPromise, tell, type Reply } from '@portcullis/core'
import type { Answer } from '../check/answer.ts'
import type { Check } from '../check/check.ts'
import type { Inquiry } from '../check/inquiry.ts'
import type { HttpDialect, Question } from '../dialects/dialect.ts'
import { announcesBody } from '../dialects/fields.ts'
import { answerTo, answerToError } from './ask.ts'
import { told } from './told.ts'

/** Told of every answer after it is sent; `inquiry` is absent where the question could not be read. */
export type OnAnswer = (answer: Answer, inquiry: Inquiry | undefined, seconds: number) => void

/** What one listener answers with. */
export interface ServeOptions {
  readonly dialect: HttpDialect
  readonly check: Check
  readonly onAnswer?: OnAnswer | undefined
  readonly now?: (() => number) | undefined
  /** Whether connections are to be closed after their next answer. */
  readonly isDraining: () => boolean
}

/** Sends a reply, and closes the connection behind it if it is the last. What cannot be sent becomes a 503, and the reason is returned. */
export type Send = (reply: Reply, isLast: boolean) => unknown

/** Answers a question, at once where the check does. */
export type Serve = (question: Question, send: Send) => void

/** Makes what a server calls for every request. */
export function createServe(options: ServeOptions): Serve {
  const { dialect, check, onAnswer, isDraining, now = () => performance.now() } = options

  const finish = (exchange: Exchange, answer: Answer): void => {
    const { question, send, inquiry, start } = exchange
    const { reply, answer: sent } = told(dialect, answer)
    const isLast = isDraining() || (inquiry === undefined && announcesBody(question))
    const wentOut = send(reply, isLast)
    if (onAnswer === undefined) return
    const seconds = (now() - start) / 1000
    tell(onAnswer, wentOut === undefined ? sent : answerToError(wentOut), inquiry, seconds)
  }

  return (question, send) => {
    const start = onAnswer === undefined ? 0 : now()
    let inquiry: Inquiry
    try {
      inquiry = dialect.read(question)
    } catch (error) {
      return finish({ question, send, inquiry: undefined, start }, answerToError(error))
    }
    const answer = answerTo(check, inquiry)
    const exchange = { question, send, inquiry, start }
    if (isPromise(answer)) void answer.then((found) => finish(exchange, found))
    else finish(exchange, answer)
  }
}

interface Exchange {
  readonly question: Question
  readonly send: Send
  readonly inquiry: Inquiry | undefined
  readonly start: number
}
