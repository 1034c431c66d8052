import { expect, test } from 'vitest'
import { createCallers } from '../../../../test/support/gateway-caller.ts'
import { refusalOf } from '../../../../test/e2e/support/scene.ts'
import { plainField } from './plain.ts'

const { caller, issuer } = createCallers()

const written = async (path: string, claims: Readonly<Record<string, unknown>>) =>
  plainField('X-Field', path)(await caller(claims))[1]

test.each<[string, unknown, string]>([
  ['tenant', 'acme & sons', 'acme & sons'],
  ['level', 3, '3'],
  ['verified', false, 'false'],
  ['groups', ['a', 'b c', 3], 'a,b c,3'],
  ['groups', [], ''],
  ['tenant', null, ''],
  ['tenant', undefined, ''],
  ['tenant', '', ''],
  ['long', 'x'.repeat(1024), 'x'.repeat(1024)],
])('%s = %j is written as it is', async (name, value, expected) => {
  expect(await written(name, { [name]: value })).toBe(expected)
})

test.each<[string, unknown]>([
  ['a line break', 'a\r\nX-Admin: 1'],
  ['a NUL', 'a\0b'],
  ['a tab', 'a\tb'],
  ['letters beyond ASCII', 'Zoë'],
  ['a leading blank', ' a'],
  ['a trailing blank', 'a '],
  ['more than 1,024 characters', 'x'.repeat(1025)],
  ['an object', { a: 1 }],
  ['a list of lists', [['a']]],
  ['a list member with the separator', ['a,b']],
  ['an empty list member', ['a', '']],
  ['a list member with outer blanks', ['a', ' b']],
])('%s is refused, and the claim named without its value', async (_, value) => {
  const refusal = await refusalOf(() => written('tenant', { tenant: value }))
  expect(refusal).toMatchObject({ code: 'claim_refused', status: 403 })
  expect(refusal.reason).toContain('The claim tenant cannot be told to the upstream')
  expect(refusal.reason).not.toMatch(/Admin|Zo|xxx|a,b/)
})

test('subject, client, scopes and issuer are those of the principal', async () => {
  const claims = { client_id: undefined, azp: 'shop', scope: undefined, scp: ['a', '', 'b'] }
  expect(await written('sub', claims)).toBe('user-1')
  expect(await written('client_id', claims)).toBe('shop')
  expect(await written('scope', claims)).toBe('a b')
  expect(await written('iss', claims)).toBe(issuer.issuer)
})

test('a scope that would read as two is refused', async () => {
  const refusal = await refusalOf(() => written('scope', { scope: undefined, scp: ['a b'] }))
  expect(refusal.reason).toContain('The claim scope')
})

test('a path leads to nested members, and a name with dots to itself', async () => {
  const claims = { realm_access: { roles: ['a', 'b'] }, 'https://acme.example/x.y': 'z' }
  expect(await written('realm_access.roles', claims)).toBe('a,b')
  expect(await written('https://acme.example/x.y', claims)).toBe('z')
})

test.each([
  'constructor.name',
  '__proto__',
  'toString.name',
  'realm.__proto__.x',
  'list.length',
  'a.b.c',
])('%s is nobody’s claim', async (path) => {
  expect(await written(path, { realm: {}, list: [1], a: 'text' })).toBe('')
})

test('what a polluted prototype holds is nobody’s claim', async () => {
  // oxlint-disable-next-line no-extend-native -- it is what the test is about, and it is taken away again
  Object.defineProperty(Object.prototype, 'role', { value: 'admin', configurable: true })
  try {
    expect(await written('role', {})).toBe('')
    expect(await written('realm.role', { realm: {} })).toBe('')
  } finally {
    Reflect.deleteProperty(Object.prototype, 'role')
  }
})
