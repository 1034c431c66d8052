import { describe, expect, test } from 'vitest'
import { createDesk, locationOf, secrets, visit } from '../../../../test/support/login-unit.ts'
import { createSealBox } from '../lib/seal.ts'
import { openWish, sealWish } from './wish.ts'

const links = createSealBox(secrets, 'links')

describe('a wish', () => {
  test('travels sealed', () => {
    const sealed = sealWish({ links }, { prompt: 'login' }) ?? ''
    expect(sealed).toMatch(/^[\w-]+$/)
    expect(openWish({ links }, sealed)).toEqual({ prompt: 'login' })
  })

  test('that is none is not sent', () => {
    expect(sealWish({ links }, undefined)).toBeUndefined()
    expect(openWish({ links }, null)).toBeUndefined()
  })

  test.each([
    ['', 'nothing'],
    ['x', 'what was never sealed'],
    [links.seal(Buffer.from('logout id')), 'the token of a logout'],
    [links.seal(Buffer.from('return /')), 'the way back from a logout'],
    [links.seal(Buffer.from('with nonsense')), 'no JSON'],
    [links.seal(Buffer.from('else {"prompt":"none"}')), 'what was sealed to be something else'],
    [
      createSealBox(secrets, 'other').seal(Buffer.from('with {}')),
      'what was sealed for something else',
    ],
  ])('cannot be %j: %s', (sealed) => {
    expect(openWish({ links }, sealed)).toBeUndefined()
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
