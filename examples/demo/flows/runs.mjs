import { ConfigurationError, Outage, Refusal } from '@portcullis/express'
import { shown } from '../tokens.mjs'
import { maskExchange, maskToken } from './mask.mjs'

const mostExchanges = 300

/**
 * The flow that runs now. There is one at a time, so that everything on the wire belongs to it; it lives
 * in the memory of this process, and the page looks at it.
 */
export function createRuns({ flows, people, say }) {
  let current
  let count = 0
  let starting = Promise.resolve()

  const stop = async () => {
    current?.end()
    await current?.over
  }

  return {
    /** What the page may see. */
    view: () => current?.view() ?? {},
    start: async ({ flow: id, user }) => {
      const flow = flows.find((one) => one.id === id)
      if (flow === undefined) throw new RangeError(`There is no flow '${id}'.`)
      if (!Object.hasOwn(people, user)) throw new RangeError(`There is nobody called '${user}'.`)
      // Two that are pressed at once run one after the other.
      starting = starting.then(async () => {
        await stop()
        current = createRun({ number: ++count, flow, user: { name: user, ...people[user] }, say })
      })
      await starting
      return current.view()
    },
    /** What the person said to what the flow asks. */
    answer: ({ wish, value }) => {
      current?.answer(wish, value)
      return current?.view() ?? {}
    },
    stop: async () => {
      await stop()
      return current?.view() ?? {}
    },
    /** Somebody came back from a sign-in page. Tells whether anybody waited for them. */
    arrive: (flow, brought) => current?.arrive(flow, brought) ?? false,
    record: (exchange) => current?.record(exchange),
  }
}

function createRun({ number, flow, user, say }) {
  const ending = new AbortController()
  const { signal } = ending
  const run = { number, flow: flow.id, user: user.name, state: 'running', steps: [], wire: [] }
  const asking = createAsking(run, signal)

  const finish = (state, text) => {
    Object.assign(run, { state, wish: undefined, note: undefined })
    run.steps.push({ text, kind: state })
    say(`${'Flow'.padEnd(11)} ${flow.id.padEnd(20)} ${state}`)
  }
  const desk = {
    user,
    signal,
    ask: asking.ask,
    say: (text) => run.steps.push({ text, kind: 'step' }),
    /** Something to look at while the flow waits: a number, a code for another device. */
    show: (note) => {
      run.note = note
    },
    tokens: (tokens) => {
      run.tokens = summaryOf(tokens)
    },
  }
  const go = async () => {
    try {
      finish('done', (await flow.run(desk)) ?? 'Done.')
    } catch (error) {
      if (signal.aborted) finish('stopped', 'Stopped.')
      else finish('failed', troubleOf(error))
    }
  }

  return {
    over: go(),
    end: () => ending.abort(),
    view: () => run,
    answer: asking.answer,
    arrive: (id, brought) => id === flow.id && asking.arrive(brought),
    record: (exchange) => {
      const isOver = !['running', 'waiting'].includes(run.state)
      if (!isOver && run.wire.length < mostExchanges) run.wire.push(maskExchange(exchange))
    },
  }
}

/** One question at a time; what is not asked (any more) cannot be answered. */
function createAsking(run, signal) {
  let count = 0
  let waiting
  const settle = (value) => {
    const { resolve } = waiting
    waiting = undefined
    Object.assign(run, { wish: undefined, state: 'running' })
    resolve(value)
  }
  return {
    ask: (wish) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted()
        Object.assign(run, { wish: { ...wish, id: ++count }, state: 'waiting' })
        waiting = { wish: run.wish, resolve }
        const give = () => {
          waiting = undefined
          reject(signal.reason)
        }
        signal.addEventListener('abort', give, { once: true })
      }),
    answer: (id, value) => {
      if (waiting?.wish.id !== id) throw new RangeError('The flow does not ask that any more.')
      if (!fits(waiting.wish, value)) throw new RangeError('That is no answer.')
      settle(value)
    },
    arrive: (brought) => {
      if (waiting?.wish.kind !== 'link') return false
      settle(brought)
      return true
    },
  }
}

function fits({ kind, choices }, value) {
  if (typeof value !== 'string') return false
  if (kind === 'code') return value.length > 0 && value.length <= 40
  return kind === 'choice' && choices.some((choice) => choice.value === value)
}

/** No failure of Portcullis has a secret in its message; of any other one, only the kind is told. */
function troubleOf(error) {
  if (Refusal.is(error)) return `Refused: ${error.code}. ${error.reason}`
  if (Outage.is(error)) return `Outage: ${error.code}.`
  if (error instanceof ConfigurationError) return `Wrongly configured: ${error.message}`
  return error.isForEverybody ? error.message : `It failed: ${error.name}.`
}

/** Ends a flow with words that hold nothing secret. */
export const failure = (text) => Object.assign(new Error(text), { isForEverybody: true })

const names = { accessToken: 'Access token', idToken: 'ID token', refreshToken: 'Refresh token' }
const claimsShown = ['iss', 'aud', 'sub', 'cid', 'uid', 'scp', 'amr', 'acr', 'auth_time', 'exp']

const summaryOf = (tokens) =>
  Object.entries(names).flatMap(([name, label]) => {
    const token = tokens[name]
    if (token === undefined) return []
    return [{ label, masked: maskToken(token), claims: claimsOf(name, token) }]
  })

function claimsOf(name, token) {
  if (name === 'refreshToken') return undefined
  const { payload } = shown(token)
  const kept = claimsShown.filter((claim) => payload[claim] !== undefined)
  return Object.fromEntries(kept.map((claim) => [claim, payload[claim]]))
}
