import { BlockList, isIP, type Socket } from 'node:net'
import { ConfigurationError } from '@portcullis/core'
import { isTooWide } from '../config/network.ts'
import type { Place } from './address.ts'

/** Tells whether an address may ask; `undefined` is a Unix socket's, whose file has permissions. */
export type PeerCheck = (address: string | undefined) => boolean

/** Whose connections are taken. */
export interface Admission {
  /** Addresses or networks that may ask over TCP. Default: loopback. */
  readonly peers?: readonly string[] | undefined
  /** Told of every connection that was turned away because its address is not among the peers. */
  readonly onStranger?: (() => void) | undefined
}

/** Hands on the connections of peers, and cuts off all others before a byte is read. */
export function forPeers(
  place: Place,
  { peers, onStranger }: Admission,
  connected: (socket: Socket) => void,
): (socket: Socket) => void {
  if ('path' in place) return connected
  const isPeer = createPeers(peers)
  return (socket) => {
    if (isPeer(socket.remoteAddress)) return connected(socket)
    socket.destroy()
    onStranger?.()
  }
}

const loopback: readonly string[] = ['127.0.0.0/8', '::1']

/** Makes the check from addresses and networks (CIDR). Default: loopback. */
export function createPeers(peers: readonly string[] = loopback): PeerCheck {
  const list = new BlockList()
  for (const peer of peers) add(list, peer)
  return (address) => {
    if (address === undefined) return false
    const plain = unmapped(address)
    const family = isIP(plain)
    return family !== 0 && list.check(plain, familyOf(family))
  }
}

function add(list: BlockList, peer: string): void {
  const [address = '', length, ...more] = peer.split('/')
  const plain = unmapped(address)
  const family = isIP(plain)
  if (family === 0 || more.length > 0) throw wrong(peer)
  if (length === undefined) return list.addAddress(plain, familyOf(family))
  const bits = bitsOf(peer, length, family === isIP(address) ? 0 : 96)
  if (bits > (family === 4 ? 32 : 128)) throw wrong(peer)
  if (isTooWide(plain, bits)) {
    throw new ConfigurationError(`peers: ${peer} is too wide; name the network of your proxies`)
  }
  list.addSubnet(plain, bits, familyOf(family))
}

function bitsOf(peer: string, length: string, less: number): number {
  if (!/^\d{1,3}$/.test(length)) throw wrong(peer)
  return Number(length) - less
}

const wrong = (peer: string): ConfigurationError =>
  new ConfigurationError(`peers: ${JSON.stringify(peer)} is neither an address nor a network`)

// RFC 4291 §2.5.5.2: what a socket that serves both families calls an IPv4 address. A zone is no part of it.
function unmapped(address: string): string {
  const [plain = ''] = address.split('%', 1)
  if (isIP(plain) !== 6) return plain
  const [, high, low] = mapped.exec(new URL(`http://[${plain}]`).hostname) ?? []
  if (high === undefined || low === undefined) return plain
  const bytes = [high, low].flatMap((group) => {
    const number = Number.parseInt(group, 16)
    return [number >> 8, number & 255]
  })
  return bytes.join('.')
}

const mapped = /^\[::ffff:([\da-f]{1,4}):([\da-f]{1,4})\]$/

const familyOf = (family: number): 'ipv4' | 'ipv6' => (family === 4 ? 'ipv4' : 'ipv6')
