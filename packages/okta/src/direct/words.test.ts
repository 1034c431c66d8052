import { expect, it } from 'vitest'
import { withoutSecrets } from './words.ts'

it('takes a secret out whole, also where another one is a part of it', () => {
  const said = withoutSecrets('you sent e and key-of-the-client', ['e', 'key-of-the-client'])
  expect(said).not.toMatch(/y-of|cli/)
})

it('takes a secret out however it was encoded', () => {
  const secret = 'a b/ü'
  const forms = [secret, 'a%20b%2F%C3%BC', 'a+b%2F%C3%BC']
  for (const form of forms) expect(withoutSecrets(`<${form}>`, [secret])).toBe('<[removed]>')
})
