/**
 * A name that all addresses share which one subscriber can take at will: of an IPv6 address its first
 * 64 bits (RFC 6177 §2), and of an IPv4 address in the guise of one of IPv6 (RFC 4291 §2.5.5.2) that one.
 * What is no address stays as it is.
 */
export function sameAddress(address: string): string {
  const bare = address.replace(/^\[|\]$|%.*$/g, '')
  if (!bare.includes(':') || !URL.canParse(`http://[${bare}]`)) return address
  const groups = groupsOf(new URL(`http://[${bare}]`).hostname.slice(1, -1))
  return isMapped(groups)
    ? groups
        .slice(6)
        .flatMap((group) => [group >> 8, group & 255])
        .join('.')
    : `${groups
        .slice(0, 4)
        .map((group) => group.toString(16))
        .join(':')}::/64`
}

// Of the canonical spelling that a URL gives an address.
function groupsOf(canonical: string): readonly number[] {
  const [head = [], tail = []] = canonical
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':')))
  const gap = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...gap, ...tail].map((group) => Number.parseInt(group, 16))
}

const isMapped = (groups: readonly number[]): boolean =>
  groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
