import { describe, expect, test } from 'vitest'
import { readJson } from './json.ts'

const bytes = (text: string) => ReadableStream.from([new TextEncoder().encode(text)])

describe('a JSON body', () => {
  test.each([['{"a":{"b":["ü"]}}', { a: { b: ['ü'] } }] as const, ['null', null] as const])(
    'is read: %s',
    async (text, value) => {
      expect(await readJson(bytes(text))).toEqual(value)
    },
  )

  test.each([
    ['nothing', ''],
    ['a form', 'a=1'],
    ['half of it', '{"secret":'],
    ['two members of one name', '{"a":1,"a":2}'],
  ])('that is none is refused, and not quoted: %s', async (_what, text) => {
    await expect(readJson(bytes(text))).rejects.toMatchObject({
      code: 'malformed_credential',
      status: 400,
      reason: 'The body is no JSON, or names a member twice.',
    })
  })

  test('may have 64 KiB, and not a byte more', async () => {
    expect(await readJson(bytes(`"${'x'.repeat(65_534)}"`))).toHaveLength(65_534)
    await expect(readJson(bytes(`"${'x'.repeat(65_535)}"`))).rejects.toMatchObject({
      reason: 'The body is larger than 65536 bytes.',
    })
  })
})
