import type { Principal } from '@portcullis/core'

declare module 'koa' {
  interface DefaultState {
    /** Whom `protect` let in; `undefined` where an optional guard let an anonymous request pass. */
    auth?: Principal | undefined
  }
}
