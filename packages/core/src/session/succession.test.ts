import { createClock } from '@portcullis/testkit'
import { expect, it } from 'vitest'
import { lateFields } from '../http/late.ts'
import { createSuccession } from './succession.ts'

const gone = (): readonly (readonly [string, string])[] => [['Set-Cookie', 'session=']]

it('a response that is still to be sent is told of the end', () => {
  const succession = createSuccession(createClock().now)
  const late = lateFields()
  succession.watch('id', { response: late.response, fields: [], forget: gone })
  succession.end('id')
  expect(late.close()).toEqual(gone())
})

it('a response that writes a session which a login has replaced writes nothing of it', () => {
  const succession = createSuccession(createClock().now)
  const late = lateFields()
  const fields = [
    ['Set-Cookie', 'session=1; Path=/'],
    ['Set-Cookie', 'session.1=2; Path=/'],
  ] as const
  const other = ['Set-Cookie', 'lang=en; Path=/'] as const
  late.response.append([...fields, other])
  succession.watch('id', { response: late.response, fields, forget: gone })
  succession.replace('id')
  expect(late.close()).toEqual([other])
  expect([succession.hasEnded('id'), succession.wasReplaced('id')]).toEqual([true, true])
})

it('a browser that never takes its new cookie is remembered with a hundred responses at most', () => {
  const succession = createSuccession(createClock().now)
  const waiting = Array.from({ length: 300 }, () => {
    const late = lateFields()
    succession.watch('id', { response: late.response, fields: [], forget: gone })
    return late
  })
  succession.end('id')
  const told = waiting.filter((late) => late.close().length > 0)
  expect(told.length).toBeLessThanOrEqual(101)
  expect(waiting.at(-1)?.close()).toEqual(gone())
})

it('responses that were sent are forgotten when the next one comes', () => {
  const succession = createSuccession(createClock().now)
  let asked = 0
  const sent = {
    append: () => undefined,
    get sent() {
      asked++
      return true
    },
  }
  for (let turn = 0; turn < 50; turn++)
    succession.watch('id', { response: sent, fields: [], forget: gone })
  // Each is looked at once, by the next, and by none after that.
  expect(asked).toBe(49)
})
