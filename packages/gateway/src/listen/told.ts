import type { Reply } from '@portcullis/core'
import type { Answer } from '../check/answer.ts'
import type { HttpDialect } from '../dialects/dialect.ts'
import { answerToError } from './ask.ts'

/** An answer, and how it is told: not always the one that was found, because not all can be told. */
export interface Told {
  readonly answer: Answer
  readonly reply: Reply
}

/** Writes an answer; where that fails, the failure is the answer. */
export function told(dialect: HttpDialect, answer: Answer): Told {
  try {
    return { answer, reply: dialect.write(answer) }
  } catch (error) {
    return toldError(dialect, error)
  }
}

/** Writes what was thrown. */
export function toldError(dialect: HttpDialect, error: unknown): Told {
  const answer = answerToError(error)
  return { answer, reply: dialect.write(answer) }
}
