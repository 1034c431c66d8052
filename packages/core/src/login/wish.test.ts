import { describe, expect, test } from 'vitest'
import { createClock } from '../../../testkit/src/clock.ts'
import { createDesk, locationOf, secrets, visit } from '../../../../test/support/login-unit.ts'
import { createSealBox } from '../lib/seal.ts'
import { openWish, sealWish } from './wish.ts'

const clock = createClock()
const links = createSealBox(secrets, 'links')
const desk = { links, now: clock.now }

describe('a wish', () => {
  test('travels sealed', () => {
    const sealed = sealWish(desk, { prompt: 'login' }) ?? ''
    expect(sealed).toMatch(/^[\w-]+$/)
    expect(openWish(desk, sealed)).toEqual({ prompt: 'login' })
  })

  test.each([
    [600, { prompt: 'login' }],
    [601, undefined],
    [-600, { prompt: 'login' }],
    [-601, undefined],
  ])('%d seconds later is %j', (seconds, wish) => {
    const sealed = sealWish(desk, { prompt: 'login' }) ?? ''
    clock.advance(seconds)
    const opened = openWish(desk, sealed)
    clock.advance(-seconds)
    expect(opened).toEqual(wish)
  })

  test('that is none is not sent', () => {
    expect(sealWish(desk, undefined)).toBeUndefined()
    expect(openWish(desk, null)).toBeUndefined()
  })

  test.each([
    ['', 'nothing'],
    ['x', 'what was never sealed'],
    [links.seal(Buffer.from('logout id')), 'the token of a logout'],
    [links.seal(Buffer.from('return /')), 'the way back from a logout'],
    [links.seal(Buffer.from(`with ${clock.now()} nonsense`)), 'no JSON'],
    [
      links.seal(Buffer.from(`else ${clock.now()} {"prompt":"none"}`)),
      'what was sealed to be something else',
    ],
    [links.seal(Buffer.from('with {"prompt":"none"}')), 'without its time'],
    [
      createSealBox(secrets, 'other').seal(Buffer.from(`with ${clock.now()} {}`)),
      'what was sealed for something else',
    ],
  ])('cannot be %j: %s', (sealed) => {
    expect(openWish(desk, sealed)).toBeUndefined()
  })

  test('of somebody else starts the login as if there were none', async () => {
    const { ask } = createDesk({ parameters: { prompt: 'login' } })
    for (const wish of ['x', '{"prompt":"none"}', 'a'.repeat(5000)]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other says which
      const reply = await ask(visit(`/login?with=${encodeURIComponent(wish)}`))
      expect(locationOf(reply).searchParams.get('prompt')).toBe('login')
    }
  })
})
