import { expect, test } from 'vitest'
import { ConfigurationError } from '@portcullis/core'
import { createPeers } from './peers.ts'

test.each<[readonly string[] | undefined, string | undefined, boolean]>([
  [undefined, '127.0.0.1', true],
  [undefined, '127.8.8.8', true],
  [undefined, '::1', true],
  [undefined, '::ffff:127.0.0.1', true],
  [undefined, '10.0.0.1', false],
  [undefined, '::2', false],
  [undefined, undefined, false],
  [undefined, 'localhost', false],
  [[], '127.0.0.1', false],
  [['10.1.2.3'], '10.1.2.3', true],
  [['10.1.2.3'], '10.1.2.4', false],
  [['10.1.2.3'], '127.0.0.1', false],
  [['10.1.2.3'], '::ffff:10.1.2.3', true],
  [['10.1.2.3'], '::FFFF:10.1.2.3', true],
  [['10.0.0.0/8'], '10.255.0.1', true],
  [['10.0.0.0/8'], '11.0.0.1', false],
  [['192.168.4.0/22'], '192.168.7.255', true],
  [['192.168.4.0/22'], '192.168.8.0', false],
  [['192.168.4.77/22'], '192.168.5.1', true],
  [['10.1.2.3/32'], '10.1.2.3', true],
  [['::ffff:10.1.2.0/120'], '10.1.2.9', true],
  [['::ffff:10.1.2.0/120'], '10.1.3.9', false],
  [['fd00:1::/32'], 'fd00:1:2::3', true],
  [['fd00:1::/32'], 'fd00:2::3', false],
  [['fe80::/64'], 'fe80::1%eth0', true],
  [['fc00::/7'], 'fdff::1', true],
  [['10.1.2.3', 'fd00::1'], 'fd00:0::0001', true],
])('%j: %s may ask: %s', (peers, address, expected) => {
  expect(createPeers(peers)(address)).toBe(expected)
})

test.each([
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/0',
  '0.0.0.0/1',
  '128.0.0.0/7',
  '2000::/3',
  '::ffff:0.0.0.0/96',
  '::ffff:0:0/96',
  '::/80',
  '0:0:0:0:0:ffff::/90',
])('%s is too wide to be trusted', (peer) => {
  expect(() => createPeers([peer])).toThrow(ConfigurationError)
  expect(() => createPeers([peer])).toThrow('is too wide')
})

test.each([
  '',
  'localhost',
  '10.0.0.1/33',
  '10.0.0.1/',
  '10.0.0.1/8/8',
  '10.0.0/8',
  '::1/129',
  '*',
  '10.0.0.1/-8',
  '10.0.0.1/ 8',
])('%j is no network', (peer) => {
  expect(() => createPeers([peer])).toThrow(ConfigurationError)
  expect(() => createPeers([peer])).toThrow('neither an address nor a network')
})
