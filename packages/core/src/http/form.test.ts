import { describe, expect, test } from 'vitest'
import { readForm } from './form.ts'

const bytes = (...texts: readonly string[]) =>
  ReadableStream.from(texts.map((text) => new TextEncoder().encode(text)))

const kib64 = 64 * 1024

describe('a form body', () => {
  test('is read from its pieces, wherever they were cut', async () => {
    expect([...(await readForm(bytes('a=1&', 'b', '=x+y%2', '0z&a=2')))]).toEqual([
      ['a', '1'],
      ['b', 'x y z'],
      ['a', '2'],
    ])
  })

  test('may cut a character in two', async () => {
    const [first, second] = [Uint8Array.of(0x61, 0x3d, 0xc3), Uint8Array.of(0xbc)]
    expect((await readForm(ReadableStream.from([first, second]))).get('a')).toBe('ü')
  })

  test.each([null, undefined])('that is not there (%s) has no fields', async (absent) => {
    expect([...(await readForm(absent))]).toEqual([])
  })

  test('may have 64 KiB, and not a byte more', async () => {
    expect((await readForm(bytes('a=', 'x'.repeat(kib64 - 2)))).get('a')).toHaveLength(kib64 - 2)
    await expect(readForm(bytes('a=', 'x'.repeat(kib64 - 1)))).rejects.toMatchObject({
      code: 'malformed_credential',
      status: 400,
      reason: 'The body is larger than 65536 bytes.',
    })
  })

  test('that was cloned is left where it is too large, though nobody reads the other half', async () => {
    const [half] = bytes('a=', 'x'.repeat(kib64), 'y').tee()
    await expect(readForm(half)).rejects.toMatchObject({ code: 'malformed_credential' })
  })

  test('that never ends is not waited for', async () => {
    let pieces = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pieces++
        controller.enqueue(new Uint8Array(1024))
      },
    })
    await expect(readForm(endless)).rejects.toMatchObject({ code: 'malformed_credential' })
    expect(pieces).toBeLessThan(80)
  })
})
