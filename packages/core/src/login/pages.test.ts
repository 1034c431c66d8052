import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldOf } from '../../../../test/support/login-unit.ts'
import { Outage } from '../errors/outage.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import { refusals, type RefusalCode } from '../errors/table.ts'
import { errorPage, withPrivacyFields, html, onward, redirect } from './pages.ts'

const hostile = '</p><script>alert(1)</script><img src=x onerror=alert(1)>"\'&'

describe('the page for a login that failed', () => {
  test('shows the sentence of the table, and nothing that anybody said', () => {
    const refusal = refuse('login_denied', hostile, { trail: { presented: hostile } })
    const { status, body = '' } = errorPage(refusal, 'https://app.test/login')
    expect(status).toBe(400)
    expect(body).toContain('The user, or the issuer for the user, said no.')
    expect(body).toContain('<a href="https://app.test/login">Try again</a>')
    expect(body).not.toContain('script')
  })

  test('has a sentence for every refusal', () => {
    for (const code of Object.keys(refusals) as RefusalCode[]) {
      const { body = '' } = errorPage(refuse(code), '/')
      expect(body).toContain(html(refusals[code].sentence))
    }
  })

  test('of an outage is a 503 that says when to come again, and not where the trouble is', () => {
    const outage = new Outage('endpoint_failed', hostile, {
      url: 'https://id.test/token',
      retryAfter: 7,
    })
    const reply = errorPage(outage, '/')
    expect([reply.status, fieldOf(reply, 'retry-after')]).toEqual([503, ['7']])
    expect(reply.body).not.toMatch(/id\.test|script/)
  })

  test('runs nothing, loads nothing, is kept nowhere, and gives away no address', () => {
    const reply = errorPage(refuse('login_unknown'), '/')
    expect(fieldOf(reply, 'content-security-policy')).toEqual([
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    ])
    expect(fieldOf(reply, 'referrer-policy')).toEqual(['no-referrer'])
    expect(fieldOf(reply, 'cache-control')).toEqual(['no-store'])
    expect(fieldOf(reply, 'x-content-type-options')).toEqual(['nosniff'])
    expect(fieldOf(reply, 'content-type')).toEqual(['text/html; charset=utf-8'])
  })

  test('is for refusals and outages alone', () => {
    const error = new Error('a bug')
    expect(() => errorPage(error, '/')).toThrow(error)
  })

  test('lets nothing out of its link', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const refusal: Refusal = refuse('login_denied')
        const { body = '' } = errorPage(refusal, text)
        const [, link = ''] =
          /<a href="([^"]*)">Try again<\/a><\/p><\/body><\/html>$/s.exec(body) ?? []
        expect(link).toBe(html(text))
        expect(link).not.toMatch(/[<>"']/)
      }),
    )
  })
})

describe('a page that goes on by itself', () => {
  test('goes where a redirect would', () => {
    const reply = onward('https://app.test/a?b=1&c="2"', [['Set-Cookie', 'a=1']])
    expect(reply.status).toBe(200)
    expect(reply.body).toContain(
      '<meta http-equiv="refresh" content="0;url=https://app.test/a?b=1&amp;c=&quot;2&quot;">',
    )
    expect(fieldOf(reply, 'set-cookie')).toEqual(['a=1'])
    expect(fieldOf(reply, 'referrer-policy')).toEqual(['no-referrer'])
  })
})

describe('the fields of a page of the application', () => {
  test('are completed', () => {
    expect(withPrivacyFields([['X-Own', '1']])).toEqual([
      ['X-Own', '1'],
      ['Referrer-Policy', 'no-referrer'],
      ['Cache-Control', 'no-store'],
    ])
  })

  test('and stay where the application has said otherwise', () => {
    const own = [
      ['referrer-policy', 'origin'],
      ['cache-control', 'private'],
    ] as const
    expect(withPrivacyFields(own)).toEqual(own)
  })
})

test('a redirect is kept nowhere', () => {
  expect(redirect(303, '/a', [['X', '1']])).toEqual({
    status: 303,
    headers: [
      ['Location', '/a'],
      ['Cache-Control', 'no-store'],
      ['X', '1'],
    ],
  })
})
