import type { MaybePromise } from '@portcullis/core'
import type { Answer } from './answer.ts'
import type { Inquiry } from './inquiry.ts'

/** Decides on what a proxy asks. Never throws and never rejects: what fails is `unavailable`. */
export type Check = (inquiry: Inquiry) => MaybePromise<Answer>
