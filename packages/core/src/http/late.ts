import { notAmong, withoutRewritten } from './cookies.ts'
import type { HeaderField } from './reply.ts'
import type { LateResponse } from './request.ts'

/** For hosts whose response is made after the route has run: fields to be added to it. */
export interface LateFields {
  readonly response: LateResponse
  /** The fields; from now on it is too late for more. */
  readonly close: () => readonly HeaderField[]
}

/** Collects fields until the response is made. */
export function lateFields(): LateFields {
  let fields: readonly HeaderField[] = []
  let sent = false
  return {
    response: {
      get sent() {
        return sent
      },
      append: (more) => {
        const kept = withoutRewritten(fields, more)
        fields = [...kept, ...notAmong(kept, more)]
      },
      takeBack: (given) => {
        fields = withoutRewritten(fields, given)
      },
    },
    close: () => {
      sent = true
      return fields
    },
  }
}
