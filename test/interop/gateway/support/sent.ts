import { isPromise } from '@portcullis/core'
import type { TokenIssuer } from '@portcullis/testkit'
import { createCheck } from '../../../../packages/gateway/src/check/create.ts'
import type { Answer } from '../../../../packages/gateway/src/check/answer.ts'
import { compile } from '../../../../packages/gateway/src/compile.ts'
import type { GatewayConfig } from '../../../../packages/gateway/src/config/config.ts'
import { inquiryOf } from '../../../../packages/gateway/src/dialects/fields.ts'
import { InquiryMalformed } from '../../../../packages/gateway/src/listen/malformed.ts'
import type { Caller } from '../../../support/gateway-cases.ts'
import { question, type Fields } from '../../../support/gateway-question.ts'
import type { SentCase } from './request-cases.ts'
import { arrivedUnder, type Arrival } from './upstream.ts'
import { ask, valuesOf } from './wire.ts'
import type { GatewayWorld } from './world.ts'

/** What became of a request. */
export interface Outcome {
  readonly status: number
  readonly arrived: readonly Arrival[]
  /** What must never be; empty where all is well. */
  readonly faults: readonly string[]
}

/** What the gateway says of a request by itself, without any proxy in between. */
export interface Judge {
  readonly of: (arrival: Arrival, credentials: Fields) => Promise<Answer | undefined>
  readonly close: () => Promise<void>
}

export async function createJudge(config: GatewayConfig): Promise<Judge> {
  const compiled = compile(config)
  await compiled.prewarm()
  const check = createCheck(() => compiled)
  return {
    of: async (arrival, credentials) => {
      try {
        const answer = check(inquiryOf(question(credentials), asSeen(arrival)))
        return isPromise(answer) ? await answer : answer
      } catch (error) {
        if (InquiryMalformed.is(error)) return undefined
        throw error
      }
    },
    close: () => compiled.close(),
  }
}

// RFC 9112 §3.2.2: the host of an absolute target counts, and not the field.
function asSeen(arrival: Arrival): Parameters<typeof inquiryOf>[1] {
  const { method, target } = arrival
  const [, named, rest] = /^https?:\/\/([^/]+)(\/.*)$/i.exec(target) ?? []
  const host = named ?? arrivedUnder(arrival, 'host').join(', ')
  return { method, scheme: 'http', host, target: rest ?? target }
}

/** Sends a case to a gateway, and looks at both of its ends. */
export async function outcomeOf(
  { request, caller }: SentCase,
  { world, judge, port }: { world: GatewayWorld; judge: Judge; port: number },
): Promise<Outcome> {
  const credentials = await credentialsOf(caller, world.issuer.tokens)
  const before = world.upstream.arrivals.length
  const answer = await ask({
    ...request,
    fields: [...(request.fields ?? []), ...credentials],
    port,
  })
  const arrived = world.upstream.arrivals.slice(before)
  const faults = await Promise.all(
    arrived.map(async (arrival) => wrongAt(arrival, await judge.of(arrival, credentials))),
  )
  const { status } = answer
  return {
    status,
    arrived,
    faults: [
      ...faults.flat(),
      ...(status !== 200 && arrived.length > 0 ? ['it arrived'] : []),
      ...(status === 401 && valuesOf(answer, 'www-authenticate').length !== 1
        ? ['not one challenge']
        : []),
    ],
  }
}

/** Only what could have been asked for as it arrived may arrive, and with that caller's name. */
function wrongAt(arrival: Arrival, answer: Answer | undefined): readonly string[] {
  if (answer?.outcome !== 'allowed') return [`${arrival.method} ${arrival.target} passed`]
  const named = arrivedUnder(arrival, 'x-auth-subject').join('|')
  return named === (answer.principal?.subject ?? '') ? [] : [`it came as ${named}`]
}

async function credentialsOf(caller: Caller, tokens: TokenIssuer): Promise<Fields> {
  if (caller === 'nobody') return []
  if (caller === 'bad') return [['Authorization', 'Bearer no.such']]
  const scope = caller.length === 0 ? {} : { scope: caller.join(' ') }
  return [['Authorization', `Bearer ${await tokens.issueToken(scope)}`]]
}
