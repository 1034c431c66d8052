import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeState, readState } from './state.ts'

describe('the state of an attempt', () => {
  test.each(['first', 'again', 'silent'] as const)(
    'says that it is the %s one, and since when',
    (attempt) => {
      const state = makeState(attempt, 1_800_000_000_999, 'random')
      expect(readState(state)).toEqual({ attempt, begunAt: 1_800_000_000_000 })
      expect(state).toMatch(/^[\w.-]+$/)
    },
  )

  test.each(['', '0', '0abc', 'another-state', '3abc.x', '0.x', '0aaaaaaaaaa.x', '0ABC.x'])(
    'is nothing that a login makes: %j',
    (state) => {
      expect(readState(state)).toBeUndefined()
    },
  )

  test('of whatever somebody writes never throws', () => {
    fc.assert(
      fc.property(fc.string(), (state) => {
        const hint = readState(state)
        expect(hint === undefined || Number.isFinite(hint.begunAt)).toBe(true)
      }),
    )
  })
})
