import type { IncomingMessage, ServerResponse } from 'node:http'
import { isPromise } from '@portcullis/core'
import type { Answer } from '../check/answer.ts'
import type { Check } from '../check/check.ts'
import type { Inquiry } from '../check/inquiry.ts'
import type { HttpDialect, Question } from '../dialects/dialect.ts'
import { announcesBody } from '../dialects/fields.ts'
import { answerTo, answerToError } from './ask.ts'
import { questionOf } from './question.ts'
import { quietly } from '../check/quietly.ts'
import { send } from './send.ts'
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

/** Answers a request of `node:http`, at once where the check does. */
export type Serve = (request: IncomingMessage, response: ServerResponse) => void

/** Makes what a server calls for every request. */
export function createServe(options: ServeOptions): Serve {
  const { dialect, check, onAnswer, isDraining, now = () => performance.now() } = options

  const finish = (exchange: Exchange, answer: Answer): void => {
    const { question, response, inquiry, start } = exchange
    const { reply, answer: sent } = told(dialect, answer)
    const isLast = isDraining() || (inquiry === undefined && announcesBody(question))
    const wentOut = send(response, reply, isLast)
    if (onAnswer === undefined) return
    const seconds = (now() - start) / 1000
    quietly(() => onAnswer(wentOut === undefined ? sent : answerToError(wentOut), inquiry, seconds))
  }

  return (request, response) => {
    const start = onAnswer === undefined ? 0 : now()
    const question = questionOf(request)
    let inquiry: Inquiry
    try {
      inquiry = dialect.read(question)
    } catch (error) {
      return finish({ question, response, inquiry: undefined, start }, answerToError(error))
    }
    const answer = answerTo(check, inquiry)
    const exchange = { question, response, inquiry, start }
    if (isPromise(answer)) void answer.then((found) => finish(exchange, found))
    else finish(exchange, answer)
  }
}

interface Exchange {
  readonly question: Question
  readonly response: ServerResponse
  readonly inquiry: Inquiry | undefined
  readonly start: number
}
