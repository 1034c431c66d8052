import type { OktaExchange } from '@portcullis/testkit'
import { startDemo } from '../../examples/demo/demo.mjs'

/** How a flow stands, as the page sees it. */
export interface RunView {
  readonly number?: number
  readonly flow: string
  readonly state: 'running' | 'waiting' | 'done' | 'failed' | 'stopped'
  readonly steps: readonly { readonly text: string }[]
  readonly wire: readonly {
    readonly request: { readonly line: string; readonly body?: string }
    readonly answer: { readonly status: number }
  }[]
  readonly note?: { readonly value?: string; readonly device?: string }
  readonly wish?: {
    readonly id: number
    readonly kind: 'code' | 'choice' | 'link'
    readonly label: string
    readonly href?: string
  }
  readonly tokens?: readonly { readonly label: string; readonly masked: string }[]
}

/** A phone and its inbox, as the page sees them. */
export interface PhoneView {
  readonly prompts: readonly { readonly choices: readonly string[]; readonly hasNumber: boolean }[]
  readonly codes: readonly { readonly label: string; readonly code: string }[]
  readonly messages: readonly { readonly channel: string; readonly code: string }[]
}

/** The demo in this process, and a page without a browser. */
export interface FlowPage {
  readonly url: string
  readonly okta: string
  /** Everything that was served or printed, but for what the phone shows. */
  readonly shown: readonly string[]
  /** The wire as it was. */
  readonly exchanges: readonly OktaExchange[]
  readonly send: (path: string, body?: unknown) => Promise<Response>
  readonly ask: <Answer = RunView>(path: string, body?: unknown) => Promise<Answer>
  readonly phone: (user: string) => Promise<PhoneView>
  readonly tap: (user: string, act: string, value?: string) => Promise<Response>
  /** Waits until a run is as wanted; gives up when it is over. */
  readonly until: (wanted: (run: RunView) => unknown) => Promise<RunView>
  /** Presses the button of a flow. */
  readonly press: (flow: string, user?: string) => Promise<RunView>
  /** Answers what the flow asks, once it does. */
  readonly answer: (value: string) => Promise<void>
  /** Types the code of the newest message, which must have come by this channel. */
  readonly typeNewest: (channel: string, user?: string) => Promise<void>
  readonly close: () => Promise<void>
}

const patience = 15_000

export async function openFlows(): Promise<FlowPage> {
  const shown: string[] = []
  const exchanges: OktaExchange[] = []
  const say = (line: string) => void shown.push(line)
  const record = (exchange: OktaExchange) => void exchanges.push(exchange)
  const demo = await startDemo(say, { lifetime: 30, onExchange: record, pollInterval: 1 })
  const send: FlowPage['send'] = (path, body) =>
    fetch(demo.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const read = async (path: string, body?: unknown): Promise<string> =>
    (await send(path, body)).text()
  const ask: FlowPage['ask'] = async (path, body) => {
    const text = await read(path, body)
    shown.push(text)
    return JSON.parse(text)
  }
  const until: FlowPage['until'] = async (wanted) => {
    const end = Date.now() + patience
    for (;;) {
      const run = await ask('/flows/run')
      if (wanted(run)) return run
      const isOver = !['running', 'waiting'].includes(run.state)
      if (isOver || Date.now() > end) throw new Error(JSON.stringify(run.steps))
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
  const phone: FlowPage['phone'] = async (user) => JSON.parse(await read('/phone', { user }))
  const answer: FlowPage['answer'] = async (value) => {
    const { wish } = await until((run) => run.wish)
    await ask('/flows/answer', { wish: wish?.id, value })
  }
  return {
    url: demo.url,
    okta: demo.okta,
    shown,
    exchanges,
    send,
    ask,
    phone,
    tap: (user, act, value) => send('/phone/act', { user, act, value }),
    until,
    press: (flow, user = 'alice') => ask('/flows/start', { flow, user }),
    answer,
    typeNewest: async (channel, user = 'alice') => {
      await until((run) => run.wish)
      const newest = (await phone(user)).messages[0]
      if (newest?.channel !== channel) throw new Error(`the newest message is no ${channel}`)
      await answer(newest.code)
    },
    close: demo.close,
  }
}
