import { ConfigurationError, type Rule } from '@portcullis/core'
import { expect, test } from 'vitest'
import { createCallers, request } from '../../../../test/support/gateway-caller.ts'
import type { RuleConfig } from '../config/config.ts'
import { readRules } from './rules.ts'

const callers = createCallers()

async function passes(config: RuleConfig, claims = {}, known?: Readonly<Record<string, Rule>>) {
  const principal = await callers.caller(claims)
  const { rules } = readRules(config, known)
  const answers = await Promise.all(
    rules.map(async (rule) => rule(principal, request('https://h/'))),
  )
  return answers.find((answer) => answer !== undefined)?.code ?? 'passes'
}

test.each<[string, RuleConfig, Record<string, unknown>, string]>([
  ['all scopes', { scopes: ['a', 'b'] }, { scope: 'b a c' }, 'passes'],
  ['all scopes, one missing', { scopes: ['a', 'b'] }, { scope: 'a' }, 'scope_missing'],
  ['any scope', { anyScope: ['a', 'b'] }, { scope: 'b' }, 'passes'],
  ['any scope, none there', { anyScope: ['a', 'b'] }, { scope: 'c' }, 'scope_missing'],
  ['a claim', { claims: { tenant: 'acme' } }, { tenant: 'acme' }, 'passes'],
  ['a claim that is another', { claims: { tenant: 'acme' } }, { tenant: 'x' }, 'claim_refused'],
  ['a number is no text', { claims: { level: 2 } }, { level: '2' }, 'claim_refused'],
  ['a flag', { claims: { verified: true } }, { verified: true }, 'passes'],
  ['one of several values', { claims: { tenant: ['acme', 1] } }, { tenant: 1 }, 'passes'],
  ['none of several values', { claims: { tenant: ['a', 'b'] } }, { tenant: 'c' }, 'claim_refused'],
  ['a nested claim', { claims: { 'r.roles': 'admin' } }, { r: { roles: ['admin'] } }, 'passes'],
  ['all claims', { claims: { a: 1, b: 2 } }, { a: 1 }, 'claim_refused'],
  ['scopes and claims', { scopes: ['a'], claims: { b: 2 } }, { b: 2 }, 'scope_missing'],
  ['anyOf', { anyOf: [{ scopes: ['a'] }, { claims: { b: 2 } }] }, { b: 2 }, 'passes'],
  ['anyOf, none', { anyOf: [{ scopes: ['a'] }, { scopes: ['b'] }] }, {}, 'scope_missing'],
  ['allOf', { allOf: [{ scopes: ['a'] }, { scopes: ['b'] }] }, { scope: 'a b' }, 'passes'],
  [
    'allOf, one fails',
    { allOf: [{ scopes: ['a'] }, { scopes: ['b'] }] },
    { scope: 'a' },
    'scope_missing',
  ],
  ['not', { not: { scopes: ['guest'] } }, { scope: 'guest' }, 'forbidden'],
  ['not, which does not hold', { not: { scopes: ['guest'] } }, { scope: 'a' }, 'passes'],
  [
    'not of two that hold together',
    { not: { scopes: ['a'], claims: { b: 1 } } },
    { scope: 'a', b: 1 },
    'forbidden',
  ],
  [
    'not of two, one of which holds',
    { not: { scopes: ['a'], claims: { b: 1 } } },
    { scope: 'a' },
    'passes',
  ],
  [
    'deeply',
    { anyOf: [{ allOf: [{ not: { scopes: ['x'] } }, { scopes: ['a'] }] }] },
    { scope: 'a' },
    'passes',
  ],
])('%s', async (_name, config, claims, expected) => {
  expect(await passes(config, claims)).toBe(expected)
})

test('a rule in code is found by its name, and one that nobody gave is a mistake', async () => {
  expect(await passes({ custom: ['even'] }, {}, { even: () => undefined })).toBe('passes')
  expect(() => readRules({ custom: ['odd'] }, {})).toThrow(ConfigurationError)
  expect(() => readRules({ not: { custom: ['toString'] } }, {})).toThrow(/"toString"/)
})

test('it tells whether a rule in code is among them, however deep', () => {
  const known = { mine: () => undefined }
  expect(readRules({ scopes: ['a'] }, known).custom).toBe(false)
  expect(readRules({ anyOf: [{ not: { custom: ['mine'] } }] }, known).custom).toBe(true)
})
