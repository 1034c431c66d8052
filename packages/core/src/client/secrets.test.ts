import { describe, expect, it } from 'vitest'
import { secretsIn, withoutSecrets } from './secrets.ts'

describe('words of an issuer', () => {
  it('lose a secret whole, also where another one is a part of it', () => {
    const said = withoutSecrets('you sent e and key-of-the-client', ['e', 'key-of-the-client'])
    expect(said).not.toMatch(/y-of|cli/)
  })

  it('lose a secret however it was encoded', () => {
    const secret = 'a b/ü'
    const forms = [secret, 'a%20b%2F%C3%BC', 'a+b%2F%C3%BC']
    for (const form of forms) expect(withoutSecrets(`<${form}>`, [secret])).toBe('<[removed]>')
  })
})

describe('the secrets of a request', () => {
  const form = new URLSearchParams({ scope: 'a', password: 'x', of_a_grant_of_ones_own: 'y' })

  it('are all fields that are not known to be open', () => {
    expect(secretsIn(form, new Headers())).toEqual(['x', 'y'])
  })

  it('are those of the client too, as they are sent and as they are', () => {
    const credential = btoa('web:p%2Bs')
    const headers = new Headers({ authorization: `Basic ${credential}` })
    expect(secretsIn(form, headers)).toEqual(['x', 'y', credential, 'p%2Bs', 'p+s'])
  })
})
