import { expect, it } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import { sealedSessions } from './sealed.ts'
import { sessionSettings, type SessionOptions } from './settings.ts'

const secrets = ['a-secret-of-the-sessions-of-32-characters']
const settings = (options: Partial<SessionOptions> = {}) =>
  sessionSettings('sealedSessions', { secrets, ...options })

it('a session may be idle for a day, and lives for a week', () => {
  expect(settings()).toMatchObject({ idle: 86_400, absolute: 604_800, cookie: {} })
})

it('whoever wants short sessions need not name the idle time too', () => {
  expect(settings({ absolute: 3600 })).toMatchObject({ idle: 3600, absolute: 3600 })
})

it('what is handed in can be changed afterwards without effect', () => {
  const given = { secrets: [...secrets], claims: ['name'] }
  const made = settings(given)
  given.secrets.push('another')
  given.claims.push('email')
  expect([made.secrets, made.claims]).toEqual([secrets, ['name']])
})

it.each<[string, object, RegExp]>([
  ['no secrets', { secrets: undefined }, /secrets/],
  ['no secret in the list', { secrets: [] }, /secrets/],
  ['a short secret', { secrets: ['short'] }, /32 characters/],
  ['one short secret among others', { secrets: [...secrets, 'short'] }, /32 characters/],
  ['an idle time longer than all', { idle: 100, absolute: 99 }, /idle must not be longer/],
  ['no time at all', { idle: 0 }, /idle/],
  ['a time that is no number', { absolute: '1h' }, /absolute/],
  ['a name that no cookie can have', { cookie: { name: 'a b' } }, /cookie\.name/],
  ['a prefix that is ours to choose', { cookie: { name: '__Host-a=' } }, /cookie\.name/],
  ['a path that is none', { cookie: { path: 'app' } }, /cookie\.path/],
  ['a path with an attribute in it', { cookie: { path: '/; Domain=evil.test' } }, /cookie\.path/],
  ['a domain that is none', { cookie: { domain: 'localhost' } }, /cookie\.domain/],
  ['another SameSite', { cookie: { sameSite: 'lax' } }, /cookie\.sameSite/],
  ['a member that nobody knows', { cookie: { httpOnly: false } }, /cookie\.httpOnly/],
  ['an option that nobody knows', { idel: 1 }, /did you mean idle/],
  ['a token that nobody knows', { keep: ['everything'] }, /keep/],
])('%s is refused when the application starts', (_what, options, text) => {
  // What a program without types may hand in.
  const make = () => sealedSessions({ secrets, ...options })
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(text)
})
