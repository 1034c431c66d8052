import { expect, test, vi } from 'vitest'
import { retryAfterSeconds } from './retry-after.ts'

const now = Date.UTC(1994, 10, 6, 8, 49, 0)

test.each([
  ['37', 37],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37],
  ['Sun Nov  6 08:49:37 1994', 37],
  ['tomorrow', Number.NaN],
])('%j wants %s seconds, wherever the machine stands', (field, seconds) => {
  for (const zone of ['America/New_York', 'Asia/Tokyo']) {
    vi.stubEnv('TZ', zone)
    expect(retryAfterSeconds(field, now)).toBe(seconds)
  }
  vi.unstubAllEnvs()
})
