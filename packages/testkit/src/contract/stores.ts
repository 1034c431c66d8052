import type { Runner } from './adapter.ts'

/** A store that one property works with: fresh, or at least empty. */
export interface StoreUnderTest<S> {
  readonly subject: S
  /** Called when the property has been looked at. */
  readonly close?: () => Promise<void> | void
  /** Lets time pass for the store, at least that many seconds. Default: waits. */
  readonly pass?: (seconds: number) => Promise<void> | void
  /** Epoch milliseconds by the clock of the store. Default: `Date.now`. */
  readonly now?: () => number
}

/** Makes a store for each property. */
export type CreateStore<S> = () => Promise<StoreUnderTest<S>> | StoreUnderTest<S>

/** What a property is given. */
export interface Trial<S> {
  readonly subject: S
  readonly pass: (seconds: number) => Promise<void>
  readonly now: () => number
}

/** Registers a property, which gets a store of its own. */
export type Property<S> = (name: string, body: (trial: Trial<S>) => Promise<void>) => void

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000)
  })

/** Makes the function that registers properties of one kind of store. */
export const propertiesOf =
  <S>(create: CreateStore<S>, runner: Runner): Property<S> =>
  (name, body) =>
    void runner.it(name, async () => {
      const { subject, close, pass = sleep, now = Date.now } = await create()
      try {
        await body({ subject, now, pass: async (seconds) => pass(seconds) })
      } finally {
        await close?.()
      }
    })

/** How many of some simultaneous attempts said yes. */
export async function winners(
  attempts: number,
  attempt: (index: number) => unknown,
): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: attempts }, async (_, index) => await attempt(index)),
  )
  return answers.filter((answer) => answer !== false && answer !== undefined).length
}

/** Does something several times, one after the other. */
export async function inTurn(
  times: number,
  act: (index: number) => Promise<void>,
  done = 0,
): Promise<void> {
  if (done === times) return
  await act(done)
  await inTurn(times, act, done + 1)
}
