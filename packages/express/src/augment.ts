import type { Principal } from '@portcullis/core'

declare global {
  namespace Express {
    interface Request {
      /** Whom `protect` let in; `undefined` where an optional guard let an anonymous request pass. */
      auth?: Principal | undefined
    }
  }
}
