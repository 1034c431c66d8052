import { BlockList, isIP } from 'node:net'

/** Whether a network means everybody: no private one is larger than 10.0.0.0/8 and fc00::/7. */
export function isTooWide(address: string, bits: number): boolean {
  if (isIP(address) === 4) return bits < 8
  return bits < 7 || holdsIpv4(address, bits)
}

// RFC 4291 §2.5.5.2: a socket that serves both families calls every IPv4 address one of IPv6.
function holdsIpv4(address: string, bits: number): boolean {
  const network = new BlockList()
  network.addSubnet(address, bits, 'ipv6')
  return network.check('::ffff:0:0', 'ipv6')
}
