import { describe, expect, test } from 'vitest'
import { codeOf, outageOf } from '../../../../../test/e2e/support/scene.ts'
import {
  createIntrospectionScene,
  described,
  start,
} from '../../../../../test/support/introspection-scene.ts'

test('nothing is remembered unless asked for', async () => {
  const { verify, asked, say } = createIntrospectionScene()
  await verify()
  await verify()
  expect(asked).toHaveLength(2)
  say({ active: false })
  expect(await codeOf(verify)).toBe('token_revoked')
})

describe('an active token', () => {
  test('is believed for as long as the options say', async () => {
    const { verify, asked, clock, say } = createIntrospectionScene({ cache: { maxAge: 20 } })
    const first = await verify()
    say({ active: false })
    clock.advance(19)
    expect(await verify()).toBe(first)
    expect(asked).toHaveLength(1)
    clock.advance(1)
    expect(await codeOf(verify)).toBe('token_revoked')
  })

  test('is believed for 30 seconds by default', async () => {
    const { verify, asked, clock } = createIntrospectionScene({ cache: {} })
    await verify()
    clock.advance(29)
    await verify()
    expect(asked).toHaveLength(1)
    clock.advance(1)
    await verify()
    expect(asked).toHaveLength(2)
  })

  test('is not believed beyond its end', async () => {
    const { verify, asked, clock, say } = createIntrospectionScene({ cache: { maxAge: 3600 } })
    say({ exp: start + 60 })
    await verify()
    clock.advance(59)
    await verify()
    expect(asked).toHaveLength(1)
    say({ active: false })
    clock.advance(1)
    expect(await codeOf(verify)).toBe('token_revoked')
  })

  test('ages from when it was asked about, not from the answer', async () => {
    const { verify, asked, clock, sayBy } = createIntrospectionScene({ cache: { maxAge: 20 } })
    sayBy(() => {
      clock.advance(15)
      return described()
    })
    await verify()
    clock.advance(5)
    await verify()
    expect(asked).toHaveLength(2)
  })

  test('is asked about again where the clock was set back', async () => {
    const { verify, asked, clock, say } = createIntrospectionScene({ cache: { maxAge: 20 } })
    say({ iat: undefined })
    await verify()
    clock.advance(-86_400)
    await verify()
    expect(asked).toHaveLength(2)
  })
})

describe('a refused token', () => {
  test('is refused for a short time without asking', async () => {
    const { verify, asked, clock, say } = createIntrospectionScene({ cache: {} })
    say({ active: false })
    expect(await codeOf(verify)).toBe('token_revoked')
    clock.advance(4)
    expect(await codeOf(verify)).toBe('token_revoked')
    expect(asked).toHaveLength(1)
    say()
    clock.advance(1)
    expect((await verify()).subject).toBe('alice')
  })

  test('keeps its reason', async () => {
    const { verify, asked, say } = createIntrospectionScene({ cache: {} })
    say({ aud: 'other' })
    expect(await codeOf(verify)).toBe('token_audience_refused')
    expect(await codeOf(verify)).toBe('token_audience_refused')
    expect(asked).toHaveLength(1)
  })

  test('is asked about every time where the options say so', async () => {
    const { verify, asked, say } = createIntrospectionScene({ cache: { negativeMaxAge: 0 } })
    say({ active: false })
    await codeOf(verify)
    say()
    expect((await verify()).subject).toBe('alice')
    expect(asked).toHaveLength(2)
  })

  test('is forgotten when it turns out to be good, and the other way round', async () => {
    const cache = { maxAge: 10, negativeMaxAge: 100 }
    const { verify, clock, say } = createIntrospectionScene({ cache })
    await verify()
    clock.advance(10)
    say({ active: false })
    expect(await codeOf(verify)).toBe('token_revoked')
    say()
    clock.advance(99)
    expect(await codeOf(verify)).toBe('token_revoked')
    clock.advance(1)
    expect((await verify()).subject).toBe('alice')
  })
})

test('an outage is not remembered', async () => {
  const { verify, breakDown, say } = createIntrospectionScene({ cache: {} })
  breakDown()
  await outageOf(verify)
  say()
  expect((await verify()).subject).toBe('alice')
})

test('a known token is good while the issuer is down', async () => {
  const { verify, breakDown } = createIntrospectionScene({ cache: {} })
  await verify('known')
  breakDown()
  expect((await verify('known')).subject).toBe('alice')
  await outageOf(() => verify('unknown'))
})

test('one token never stands for another', async () => {
  const { verify, sayBy } = createIntrospectionScene({ cache: {} })
  sayBy(({ form }) => described({ sub: form.get('token') }))
  await Promise.all(['a', 'b', 'A', 'a='].map((token) => verify(token)))
  const subjects = await Promise.all(['a', 'b', 'A', 'a='].map((token) => verify(token)))
  expect(subjects.map(({ subject }) => subject)).toEqual(['a', 'b', 'A', 'a='])
})
