import {
  createDirectAuthentication,
  okta,
  type DirectAnswer,
  type DirectAuthentication,
  type DirectAuthenticationOptions,
  type DirectEvent,
  type DirectFailure,
  type DirectState,
  type OobState,
  type WebAuthnState,
} from '@portcullis/okta'
import {
  createClock,
  createOkta,
  type Clock,
  type Okta,
  type OktaOptions,
} from '@portcullis/testkit'

/** Direct authentication against the emulator of Okta. */
export interface DirectWorld {
  readonly org: Okta
  readonly clock: Clock
  readonly events: readonly DirectEvent[]
  readonly make: (
    options?: Partial<DirectAuthenticationOptions> & {
      readonly app?: string
      readonly at?: string
    },
  ) => DirectAuthentication
}

const everybody = { limiter: 'none', scope: 'openid profile' } as const

export async function createDirectWorld(options: OktaOptions = {}): Promise<DirectWorld> {
  const clock = createClock()
  const org = await createOkta({ clock, ...options })
  const events: DirectEvent[] = []
  const make: DirectWorld['make'] = ({ app = 'native', at = 'default', ...others } = {}) => {
    const { clientId, clientSecret } = org.app(app)
    return createDirectAuthentication({
      ...everybody,
      server: okta({ domain: org.url, ...(at !== 'org' && { authorizationServer: at }) }),
      client: { id: clientId, ...(clientSecret !== undefined && { secret: clientSecret }) },
      secrets: ['a secret of the tests, long enough to seal'],
      now: clock.now,
      sleep: async (seconds, signal) => {
        signal?.throwIfAborted()
        clock.advance(seconds)
      },
      observe: (event) => void events.push(event),
      ...others,
    })
  }
  return { org, clock, events, make }
}

export const alice = { username: 'alice@example.com', password: 'password' }

export function stateOf(answer: DirectAnswer): DirectState {
  if ('state' in answer && answer.state !== undefined) return answer.state
  throw new Error(`no state: ${JSON.stringify(answer)}`)
}

export function oobOf(answer: DirectAnswer): OobState {
  const state = stateOf(answer)
  if (state.kind === 'oob') return state
  throw new Error(`the state is ${state.kind}`)
}

export function passkeyOf(answer: DirectAnswer): WebAuthnState {
  const state = stateOf(answer)
  if (state.kind === 'webauthn') return state
  throw new Error(`the state is ${state.kind}`)
}

export function failureOf(answer: DirectAnswer): DirectFailure {
  if (answer.status === 'failed') return answer
  throw new Error(`it did not fail: ${answer.status}`)
}
