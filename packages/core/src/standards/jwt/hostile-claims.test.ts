import { describe, expect, test } from 'vitest'
import { createScene, goodClaims, refusalOf } from '../../../../../test/e2e/support/scene.ts'
import type { Schema, SchemaIssue } from '../../lib/standard-schema.ts'

const { key, token, verifier } = createScene()

describe('a genuine token that nests 7,000 deep', () => {
  test.each([
    ['arrays', '[', '1', ']'],
    ['objects', '{"a":', '1', '}'],
  ])('%s is accepted, and frozen to the ground', async (_what, open, middle, close) => {
    const nested = open.repeat(7000) + middle + close.repeat(7000)
    const payload = `${JSON.stringify(goodClaims()).slice(0, -1)},"deep":${nested}}`
    const { claims } = await verifier({}, { maxTokenSize: 200_000, cache: {} })(key.token(payload))
    let [depth, unfrozen] = [0, false]
    for (let at: unknown = claims['deep']; typeof at === 'object' && at !== null; depth++) {
      unfrozen ||= !Object.isFrozen(at)
      at = Object.values(at)[0]
    }
    expect({ depth, unfrozen }).toEqual({ depth: 7000, unfrozen: false })
  })
})

const refusing = (...issues: readonly SchemaIssue[]): Schema => ({
  '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) },
})

describe('what a schema says of the claims', () => {
  test.each<[what: string, issue: SchemaIssue]>([
    ['a message', { message: `\u001b[31m\r\nforged: line\u0000${'x'.repeat(5000)}` }],
    ['a path', { message: 'no', path: [`\u001b[2J\n${'x'.repeat(5000)}`] }],
    ['a key of a path', { message: 'no', path: [{ key: `\u0007\u202e${'x'.repeat(5000)}` }] }],
  ])('is cut and made printable in the reason: %s', async (_what, issue) => {
    const verify = verifier({}, { claims: refusing(issue, issue, issue, issue) })
    const { code, reason } = await refusalOf(() => verify(token()))
    expect(code).toBe('token_claim_invalid')
    expect(reason).toMatch(/^[\x20-\x7e]+$/)
    expect(reason.length).toBeLessThan(400)
  })
})
