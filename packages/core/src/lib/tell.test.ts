import { expect, test, vi } from 'vitest'
import { tell } from './tell.ts'

test('tells an observer what happened', () => {
  const look = vi.fn()
  tell(look, 'something')
  expect(look).toHaveBeenCalledExactlyOnceWith('something')
  expect(() => tell(undefined, 'something')).not.toThrow()
})

test('goes on where an observer throws', () => {
  const broken = (_event: string): never => {
    throw new Error('the log is full')
  }
  expect(() => tell(broken, 'something')).not.toThrow()
})

test('an observer that fails later does not end the process', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  tell((_event: string) => Promise.reject(new Error('the log is full')), 'something')
  await new Promise((resolve) => {
    setTimeout(resolve, 5)
  })
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})
