import { Outage, type HttpRequest, type Principal, type Refusal } from '@portcullis/core'
import { inTime } from '../check/deadline.ts'
import type { Route } from '../routing/route.ts'

/** What a route says to a request. */
export type Judgement =
  | { readonly passes: true; readonly principal: Principal | undefined }
  | { readonly passes: false; readonly refusal: Refusal }

/** Asks the guard of a route. Rejects where somebody else failed, or took too long. */
export async function judge(
  { guard }: Route,
  request: HttpRequest,
  deadline: number,
): Promise<Judgement> {
  if (guard === undefined) return { passes: true, principal: undefined }
  const asked = Promise.resolve(guard.check(request)).then((verdict): Judgement =>
    verdict.granted
      ? { passes: true, principal: verdict.principal }
      : { passes: false, refusal: verdict.refusal },
  )
  const settled = asked.then(
    (judgement) => () => judgement,
    (error: unknown) => () => {
      throw error
    },
  )
  const answer = await inTime(settled, deadline, () => () => {
    throw new Error('deadline_passed')
  })
  return answer()
}

/** The code of a failure, for logs. */
export const codeOf = (error: unknown): string => {
  if (Outage.is(error)) return error.code
  return error instanceof Error && error.message === 'deadline_passed' ? error.message : 'failed'
}
