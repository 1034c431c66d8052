import { describe, expect, test } from 'vitest'
import { forwardedWith, malformedBy, question } from '../../../../test/support/gateway-question.ts'
import { createForwardAuth } from './forward-auth.ts'
import { createNginx } from './nginx.ts'

describe.each([createNginx(), createForwardAuth()])('$name', (dialect) => {
  const read = (changes?: Readonly<Record<string, string | undefined>>) =>
    dialect.read(question(forwardedWith(changes)))

  test('reads the request of the client, not that of the gateway', () => {
    const asked = question(
      [...forwardedWith({ 'X-Forwarded-Method': 'DELETE' }), ['Authorization', 'Bearer t']],
      '/check?x=/public',
      'GET',
    )
    const inquiry = dialect.read(asked)
    expect(inquiry).toMatchObject({
      method: 'DELETE',
      scheme: 'https',
      host: 'api.example',
      target: '/orders?x=1',
    })
    expect(inquiry.header('authorization')).toBe('Bearer t')
    expect(inquiry.header('dpop')).toBeUndefined()
  })

  test('finds the fields in any spelling', () => {
    const lower = forwardedWith().map(([name, value]) => [name.toLowerCase(), value] as const)
    expect(dialect.read(question(lower))).toMatchObject({ method: 'GET', target: '/orders?x=1' })
  })

  test.each(['X-Forwarded-Method', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Forwarded-Uri'])(
    '%s must be there',
    (name) => {
      const message = `${name.toLowerCase()} is missing`
      expect(malformedBy(() => read({ [name]: undefined }))).toBe(message)
      expect(malformedBy(() => read({ [name]: '' }))).toBe(message)
    },
  )

  test.each(forwardedWith())(
    '%s must not be there twice, not even with one value',
    (name, value) => {
      const twice = question([...forwardedWith(), [name, value]])
      expect(malformedBy(() => dialect.read(twice))).toContain('came twice')
      const lower = question([...forwardedWith(), [name.toLowerCase(), value]])
      expect(malformedBy(() => dialect.read(lower))).toContain('came twice')
    },
  )

  test.each<[string, string]>([
    ['X-Forwarded-Method', 'GET POST'],
    ['X-Forwarded-Method', 'GET,POST'],
    ['X-Forwarded-Method', 'GÉT'],
    ['X-Forwarded-Method', 'G@T'],
    ['X-Forwarded-Proto', 'ftp'],
    ['X-Forwarded-Proto', 'HTTPS'],
    ['X-Forwarded-Proto', 'https,http'],
    ['X-Forwarded-Host', 'a/b'],
    ['X-Forwarded-Host', 'user@host'],
    ['X-Forwarded-Host', 'a b'],
    ['X-Forwarded-Host', 'a:port'],
    ['X-Forwarded-Host', '.'],
    ['X-Forwarded-Host', 'a..'],
    ['X-Forwarded-Host', ':80'],
    ['X-Forwarded-Host', 'a?b'],
    ['X-Forwarded-Host', 'a,b'],
    ['X-Forwarded-Uri', 'orders'],
    ['X-Forwarded-Uri', '*'],
    ['X-Forwarded-Uri', 'http://api.example/orders'],
    ['X-Forwarded-Uri', '/a b'],
    ['X-Forwarded-Uri', '/a\tb'],
    ['X-Forwarded-Uri', '?/orders'],
  ])('%s: %j cannot be what it says it is', (name, value) => {
    const message = malformedBy(() => read({ [name]: value }))
    expect(message).toMatch(/^the (method|scheme|host|target) /)
    expect(message).not.toContain(value.length > 1 ? value : '\0')
  })

  test.each([
    ['API.Example', 'api.example'],
    ['api.example:8443', 'api.example'],
    ['api.example.', 'api.example'],
    ['API.example.:443', 'api.example'],
    ['[2001:DB8::1]', '[2001:db8::1]'],
    ['[2001:db8::1]:8080', '[2001:db8::1]'],
    ['127.0.0.1:80', '127.0.0.1'],
    ['my_host', 'my_host'],
  ])('the host %s is known as %s', (relayed, host) => {
    expect(read({ 'X-Forwarded-Host': relayed }).host).toBe(host)
    expect(read({ 'X-Forwarded-Host': relayed }).host).toBe(host)
  })

  test.each(['/', '//a', '/a/../b', '/%2e%2e/', '/ä', '/a;b', '/a?b=c,d', '/a#b'])(
    'the target %s is handed on as it came, for the routes to judge',
    (target) => {
      expect(read({ 'X-Forwarded-Uri': target }).target).toBe(target)
    },
  )

  test.each([
    'X-Original-URI',
    'X-Original-URL',
    'X-Original-Method',
    'X-Auth-Request-Redirect',
    'X-Envoy-Original-Path',
    'X-Envoy-Auth-Partial-Body',
  ])('%s is how another kind of proxy speaks', (name) => {
    expect(malformedBy(() => read({ [name]: '/orders?x=1' }))).toBe(
      `${name.toLowerCase()} belongs to another dialect`,
    )
  })

  test('an override of the method is not heard', () => {
    expect(read({ 'X-HTTP-Method-Override': 'DELETE', 'X-HTTP-Method': 'PUT' }).method).toBe('GET')
  })

  test('a twin with underscores is not heard', () => {
    expect(read({ X_Forwarded_Method: 'DELETE', X_Forwarded_Uri: '/b' })).toMatchObject({
      method: 'GET',
      target: '/orders?x=1',
    })
  })

  test.each<[string, string]>([
    ['Content-Length', '5'],
    ['Content-Length', '00'],
    ['Content-Length', '0, 0'],
    ['Transfer-Encoding', 'chunked'],
    ['Transfer-Encoding', ''],
  ])('%s: %j announces a body, which nobody has asked for', (name, value) => {
    expect(malformedBy(() => read({ [name]: value }))).toBe('a body is announced')
  })

  test('a length of 0 announces none', () => {
    expect(read({ 'Content-Length': '0' }).method).toBe('GET')
  })
})
