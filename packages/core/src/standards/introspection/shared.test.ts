import { ConfigurationError, type AnswerStore } from '@portcullis/core'
import { expect, test, vi } from 'vitest'
import { codeOf } from '../../../../../test/e2e/support/scene.ts'
import { createIntrospectionScene, start } from '../../../../../test/support/introspection-scene.ts'

/** A store that several processes could have. */
function createStore() {
  const kept = new Map<string, string>()
  const set = vi.fn<AnswerStore['set']>((id, answer) => {
    kept.set(id, answer)
    return Promise.resolve()
  })
  const store: AnswerStore = { get: (id) => Promise.resolve(kept.get(id)), set }
  return { store, set, kept }
}

const settled = () =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

test('what one process was told, another need not ask', async () => {
  const { store } = createStore()
  const first = createIntrospectionScene({ cache: {}, store })
  const second = createIntrospectionScene({ cache: {}, store })
  expect(await first.verify('a')).toEqual(await second.verify('a'))
  expect([first.asked.length, second.asked.length]).toEqual([1, 0])
  // From its own memory.
  await second.verify('a')
  expect(second.asked).toHaveLength(0)
})

test('an answer is believed for as long as if it were one’s own, from when it was asked for', async () => {
  const { store } = createStore()
  const first = createIntrospectionScene({ cache: { maxAge: 20 }, store })
  await first.verify('a')
  const second = createIntrospectionScene({ cache: { maxAge: 20 }, store })
  second.clock.advance(15)
  await second.verify('a')
  second.clock.advance(6)
  await second.verify('a')
  expect(second.asked).toHaveLength(1)
})

test('that a token is bad is shared too, for its own time', async () => {
  const { store, set } = createStore()
  const options = { cache: { negativeMaxAge: 3 }, store }
  const first = createIntrospectionScene(options)
  first.say({ active: false })
  expect(await codeOf(() => first.verify('a'))).toBe('token_revoked')
  expect(set.mock.lastCall?.[2]).toBe(3)
  const second = createIntrospectionScene(options)
  expect(await codeOf(() => second.verify('a'))).toBe('token_revoked')
  expect(second.asked).toHaveLength(0)
  const later = createIntrospectionScene(options)
  later.clock.advance(3)
  await later.verify('a')
  expect(later.asked).toHaveLength(1)
})

test('what is not to be remembered is not told', async () => {
  const { store, set } = createStore()
  const { verify, say } = createIntrospectionScene({ cache: { negativeMaxAge: 0 }, store })
  say({ active: false })
  expect(await codeOf(() => verify('a'))).toBe('token_revoked')
  expect(set).not.toHaveBeenCalled()
})

test('an answer is held against one’s own demands, not those of whoever asked', async () => {
  const { store } = createStore()
  const first = createIntrospectionScene({ cache: {}, store })
  await first.verify('a')
  const second = createIntrospectionScene({ cache: {}, store, audience: 'https://other.test' })
  expect(await codeOf(() => second.verify('a'))).toBe('token_audience_refused')
})

test('another client, or one that demands signed answers, finds nothing', async () => {
  const { store } = createStore()
  await createIntrospectionScene({ cache: {}, store }).verify('a')
  const other = createIntrospectionScene({
    cache: {},
    store,
    client: { id: 'other', secret: 'another-secret' },
  })
  await other.verify('a')
  expect(other.asked).toHaveLength(1)
})

test('a token that has expired meanwhile is bad', async () => {
  const { store } = createStore()
  const first = createIntrospectionScene({ cache: { maxAge: 600 }, store })
  await first.verify('a')
  const second = createIntrospectionScene({ cache: { maxAge: 600 }, store })
  second.clock.set((start + 320) * 1000)
  expect(await codeOf(() => second.verify('a'))).toBe('token_expired')
})

// RFC 7662 §4. The tolerance is for what the issuer says now, not for what it said before.
test('an answer is kept and believed until the end of the token, and not a moment longer', async () => {
  const { store, set } = createStore()
  const options = { cache: { maxAge: 600 }, store }
  const first = createIntrospectionScene(options)
  await first.verify('a')
  expect(set.mock.lastCall?.[2]).toBe(300)
  const second = createIntrospectionScene(options)
  second.say({ active: false })
  second.clock.set((start + 299) * 1000)
  expect((await second.verify('a')).subject).toBe('alice')
  second.clock.set((start + 300) * 1000)
  expect(await codeOf(() => second.verify('a'))).toBe('token_revoked')
  expect(second.asked).toHaveLength(1)
})

test('an answer that came within the tolerance after the end is not told', async () => {
  const { store, set } = createStore()
  const late = createIntrospectionScene({ cache: {}, store })
  late.clock.set((start + 303) * 1000)
  await late.verify('a')
  expect(set).not.toHaveBeenCalled()
})

test.each([
  ['no JSON', 'x'],
  ['no object', '[]'],
  ['no time', '{"said":{"active":true}}'],
  ['no answer', '{"askedAt":1,"said":"x"}'],
])('what is kept wrongly counts for nothing: %s', async (_name, text) => {
  const store: AnswerStore = {
    get: () => Promise.resolve(text),
    set: () => Promise.resolve(),
  }
  const { verify, asked } = createIntrospectionScene({ cache: {}, store })
  await verify('a')
  expect(asked).toHaveLength(1)
})

test('a store that fails harms nobody: the issuer is asked', async () => {
  const store: AnswerStore = {
    get: () => Promise.reject(new Error('down')),
    set: () => Promise.reject(new Error('down')),
  }
  const { verify, asked } = createIntrospectionScene({ cache: {}, store })
  await verify('a')
  await settled()
  expect(asked).toHaveLength(1)
})

test('neither the token nor a hash that is easily guessed is told', async () => {
  const { store, kept } = createStore()
  await createIntrospectionScene({ cache: {}, store }).verify('s3cret-token')
  const [[id, answer] = ['', '']] = kept
  expect(id).toHaveLength(32)
  expect(id + answer).not.toContain('s3cret-token')
})

test('a store without a cache, or that is none, is a mistake', () => {
  const { store } = createStore()
  expect(() => createIntrospectionScene({ store })).toThrow(ConfigurationError)
  // What a JavaScript program may hand in.
  const none = {} as AnswerStore
  expect(() => createIntrospectionScene({ cache: {}, store: none })).toThrow(
    /functions get and set/,
  )
})
