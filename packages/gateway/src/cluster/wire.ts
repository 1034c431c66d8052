/** One end of a pipe between two processes of the program. */
export interface Channel {
  send(message: unknown): void
  /** Called for every message of the other end. */
  receive(listener: (message: unknown) => void): void
}

/** What an end answers to: each takes one value and gives one, or a promise of it. */
export type Calls = Readonly<Record<string, (data: never) => unknown>>

/** Asks the other end. */
export interface Wire<Theirs extends object> {
  /** Rejects where the other end failed, is gone, or takes more than some seconds. */
  ask<Name extends keyof Theirs & string>(
    name: Name,
    data: Asked<Theirs[Name]>,
    seconds: number,
  ): Promise<Answered<Theirs[Name]>>
  /** Fails whatever is still waiting. */
  close(reason: string): void
}

/** What a call takes. */
export type Asked<Call> = Call extends (data: infer Data) => unknown ? Data : never
type Answered<Call> = Call extends (data: never) => infer Answer ? Awaited<Answer> : never

interface Message {
  readonly portcullis: 'ask' | 'answer'
  readonly id: number
  readonly name?: string
  readonly data?: unknown
  readonly error?: string
  /** Of an error of the system. */
  readonly code?: string
}

interface Waiting {
  readonly resolve: (data: unknown) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** Joins two processes: both ends ask and answer over the same pipe. */
export function createWire<Theirs extends object>(channel: Channel, ours: Calls): Wire<Theirs> {
  const waiting = new Map<number, Waiting>()
  let last = 0

  const settle = ({ id, data, error, code }: Message): void => {
    const one = waiting.get(id)
    if (one === undefined) return
    waiting.delete(id)
    clearTimeout(one.timer)
    if (error === undefined) one.resolve(data)
    else one.reject(Object.assign(new Error(error), code !== undefined && { code }))
  }

  const reply = async ({ id, name = '', data }: Message): Promise<void> => {
    try {
      // Both ends are of one program, and the types of `ask` hold what is sent.
      const call = ours[name] as ((given: unknown) => unknown) | undefined
      if (call === undefined) throw new Error(`nobody answers to ${name}`)
      channel.send({ portcullis: 'answer', id, data: await call(data) } satisfies Message)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      const code = codeOf(error)
      channel.send({ portcullis: 'answer', id, error: text, ...code } satisfies Message)
    }
  }

  channel.receive((message) => {
    if (!isMessage(message)) return
    if (message.portcullis === 'answer') settle(message)
    else void reply(message)
  })

  return {
    ask: (name, data, seconds) => {
      last += 1
      const id = last
      return new Promise((resolve, reject) => {
        const late = () => settle({ portcullis: 'answer', id, error: `no answer to ${name}` })
        const timer = setTimeout(late, seconds * 1000)
        // What comes is the answer of the call that was named; see `reply`.
        waiting.set(id, { resolve: resolve as (data: unknown) => void, reject, timer })
        channel.send({ portcullis: 'ask', id, name, data } satisfies Message)
      })
    },
    close: (reason) => {
      for (const id of waiting.keys()) settle({ portcullis: 'answer', id, error: reason })
    },
  }
}

const codeOf = (error: unknown): { readonly code: string } | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? { code: error.code }
    : undefined

const isMessage = (message: unknown): message is Message =>
  typeof message === 'object' &&
  message !== null &&
  'portcullis' in message &&
  (message.portcullis === 'ask' || message.portcullis === 'answer') &&
  'id' in message &&
  typeof message.id === 'number'
