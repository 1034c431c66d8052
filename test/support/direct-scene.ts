import {
  createDirectAuthentication,
  okta,
  type DirectAuthentication,
  type DirectAuthenticationOptions,
  type DirectEvent,
} from '@portcullis/okta'
import { createClock, type Clock } from '@portcullis/testkit'
import { startScriptedOkta, type ScriptedOkta } from './scripted-okta.ts'

/** Direct authentication against a server that says what the test tells it to. */
export interface DirectScene {
  readonly server: ScriptedOkta
  readonly clock: Clock
  readonly events: readonly DirectEvent[]
  /** Seconds that were waited between polls: the clock goes forward instead. */
  readonly slept: readonly number[]
  readonly make: (options?: Partial<DirectAuthenticationOptions>) => DirectAuthentication
}

export const sealingSecret = 'a secret of the tests, long enough to seal'

export async function createDirectScene(): Promise<DirectScene> {
  const clock = createClock()
  const server = await startScriptedOkta(clock.now)
  const events: DirectEvent[] = []
  const slept: number[] = []
  return {
    server,
    clock,
    events,
    slept,
    make: (options = {}) =>
      createDirectAuthentication({
        server: okta({ domain: server.origin, authorizationServer: 'default' }),
        client: { id: 'app' },
        scope: 'openid profile',
        secrets: [sealingSecret],
        now: clock.now,
        observe: (event) => void events.push(event),
        sleep: async (seconds, signal) => {
          signal?.throwIfAborted()
          slept.push(seconds)
          clock.advance(seconds)
        },
        ...options,
      }),
  }
}
