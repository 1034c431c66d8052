import { expect, test } from 'vitest'
import { ConfigurationError } from '@portcullis/core'
import { placeOf, type ListenAddress, type Place } from './address.ts'

test.each<[ListenAddress, Place]>([
  [{ tcp: '127.0.0.1:9101' }, { host: '127.0.0.1', port: 9101 }],
  [{ tcp: '[::1]:9101' }, { host: '::1', port: 9101 }],
  [{ tcp: 'localhost:0' }, { host: 'localhost', port: 0 }],
  [{ unix: '/run/a.sock' }, { path: '/run/a.sock', mode: 0o660 }],
  [
    { unix: '/run/a.sock', mode: '0600' },
    { path: '/run/a.sock', mode: 0o600 },
  ],
  [
    { unix: '/run/a.sock', mode: '666' },
    { path: '/run/a.sock', mode: 0o666 },
  ],
])('%j is %j', (address, place) => {
  expect(placeOf(address)).toEqual(place)
})

test.each<ListenAddress>([
  {},
  { tcp: '127.0.0.1:1', unix: '/run/a.sock' },
  { tcp: '9101' },
  { tcp: ':9101' },
  { tcp: '::1:9101' },
  { tcp: '127.0.0.1' },
  { tcp: '127.0.0.1:65536' },
  { unix: '/run/a.sock', mode: '0999' },
  { unix: '/run/a.sock', mode: '1777' },
  { unix: '/run/a.sock', mode: 'rw' },
])('%j is a mistake', (address) => {
  expect(() => placeOf(address)).toThrow(ConfigurationError)
})
