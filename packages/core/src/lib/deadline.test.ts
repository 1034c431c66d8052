import { afterEach, describe, expect, test, vi } from 'vitest'
import { within, withDeadline } from './deadline.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('an act with a deadline', () => {
  test('gives what came of it, and leaves no timer behind', async () => {
    vi.useFakeTimers()
    expect(await withDeadline(5, () => Promise.resolve('done'))).toBe('done')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('leaves no timer behind where it failed', async () => {
    vi.useFakeTimers()
    const failure = new Error('it failed')
    await expect(withDeadline(5, () => Promise.reject(failure))).rejects.toBe(failure)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is told when its time is up', async () => {
    vi.useFakeTimers()
    const told = withDeadline(
      5,
      (deadline) =>
        new Promise<boolean>((resolve) => {
          deadline.addEventListener('abort', () => resolve(deadline.aborted))
        }),
    )
    await vi.advanceTimersByTimeAsync(4999)
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await told).toBe(true)
  })

  test('may have more time than a timer can hold', async () => {
    vi.useFakeTimers()
    const seen = withDeadline(1e9, async (deadline) => {
      await vi.advanceTimersByTimeAsync(60_000)
      return deadline.aborted
    })
    expect(await seen).toBe(false)
  })
})

test('an answer may take more time than a timer can hold', async () => {
  vi.useFakeTimers()
  const answer = new Promise((resolve) => {
    setTimeout(resolve, 60_000, 'late')
  })
  const waiting = within(1e9, answer)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await waiting).toBe('late')
})
