import { isIP } from 'node:net'
import { readPattern } from '../routing/pattern.ts'
import { text } from './leaves.ts'
import { isTooWide } from './network.ts'
import type { Shape } from './shape.ts'

/** The texts of a configuration, each checked in one place. */

export const anyText: Shape<string> = text()

export const name: Shape<string> = text({
  says: "1 to 64 letters, digits, '.', '_' and '-'",
  pattern: /^[\w.-]{1,64}$/,
})

// `sun_path` without the zero at its end. Node cuts what is longer, and the socket is somewhere else.
const longestSocketPath = process.platform === 'linux' ? 107 : 103

export const socketPath: Shape<string> = text({
  says: "a path that begins with '/'",
  pattern: /^\//,
  wrong: (path) =>
    Buffer.byteLength(path) > longestSocketPath
      ? `must have at most ${longestSocketPath} bytes: the system knows no longer sockets`
      : undefined,
})

export const mode: Shape<string> = text({
  says: "permissions in octal in quotes, such as '0660'",
  pattern: /^0?[0-7]{3}$/,
})

export const address: Shape<string> = text({
  says: 'an address and a port, such as 127.0.0.1:9101',
  pattern: /^(?:\[[^\]]+\]|[^:[\]]+):\d{1,5}$/,
  wrong: (value) =>
    Number(value.slice(value.lastIndexOf(':') + 1)) > 65_535
      ? 'must have a port of at most 65535'
      : undefined,
})

/** Addresses of proxies. A network as wide as a part of the Internet is nobody's proxy. */
export const peer: Shape<string> = text({
  says: 'an address or a network, such as 10.1.0.0/16',
  pattern: /^[\da-fA-F:.]+(?:\/\d{1,3})?$/,
  wrong: (value) => {
    const [base = '', bits] = value.split('/')
    const version = isIP(base)
    if (version === 0) return 'must be an address or a network, such as 10.1.0.0/16'
    if (version === 6 && base.includes('.')) return 'must be written as an IPv4 address'
    const [most, least] = version === 4 ? [32, 8] : [128, 7]
    const length = Number(bits ?? most)
    if (length > most) return `must have a prefix of at most ${most} bits`
    return isTooWide(base, length)
      ? `must not be wider than /${least}: name the addresses of your proxies`
      : undefined
  },
})

/** An absolute address of the kinds, without what could be taken for part of an identifier. */
const url = (...protocols: readonly string[]): Shape<string> =>
  text({
    says: `an absolute URL (${protocols.map((protocol) => `${protocol}//`).join(' or ')}) without query and fragment`,
    wrong: (value) =>
      !/[\s?#]/.test(value) && URL.canParse(value) && protocols.includes(new URL(value).protocol)
        ? undefined
        : `must be an absolute URL (${protocols.map((protocol) => `${protocol}//`).join(' or ')}) without query and fragment`,
  })

export const webUrl: Shape<string> = url('https:', 'http:')

export const redisUrl: Shape<string> = text({
  says: 'redis://…, rediss://…, or unix: and the path of a socket',
  wrong: (value) =>
    /^unix:\/./.test(value) || (URL.canParse(value) && /^rediss?:$/.test(new URL(value).protocol))
      ? undefined
      : 'must be redis://…, rediss://…, or unix: and the path of a socket',
})

export const host: Shape<string> = text({
  says: 'a host name in lower case, without port',
  pattern: /^(?:[a-z\d_](?:[a-z\d._-]*[a-z\d])?|\[[\da-f:.]+\])$/,
})

export const method: Shape<string> = text({
  says: 'a method in upper case',
  pattern: /^[A-Z][A-Z-]*$/,
})

export const pattern: Shape<string> = text({
  says: "a path that begins with '/'",
  wrong: (value) => {
    const read = readPattern(value)
    return typeof read === 'string' ? read : undefined
  },
})

// RFC 6749 §3.3: scope-token.
export const scope: Shape<string> = text({
  says: 'one scope, without spaces and quotes',
  pattern: /^[\x21\x23-\x5b\x5d-\x7e]+$/,
})

export const claimPath = (path: string): string | undefined =>
  path.split('.').includes('')
    ? 'must be the path of a claim, such as realm_access.roles'
    : undefined

export const claim: Shape<string> = text({ wrong: claimPath })

export const privateKey: Shape<string> = text({
  says: 'a private key: PKCS #8 PEM (BEGIN PRIVATE KEY) or a JWK',
  // Whatever begins as a JWK is read as one.
  wrong: (value) =>
    (
      value.trimStart().startsWith('{')
        ? isJwk(value)
        : value.includes('-----BEGIN PRIVATE KEY-----')
    )
      ? undefined
      : 'must be a private key: PKCS #8 PEM (BEGIN PRIVATE KEY) or a JWK',
})

function isJwk(value: string): boolean {
  try {
    const key: unknown = JSON.parse(value)
    return typeof key === 'object' && key !== null && 'kty' in key && 'd' in key
  } catch {
    return false
  }
}

export const longSecret: Shape<string> = text({
  says: 'a secret of at least 32 characters',
  wrong: (value) => (value.length < 32 ? 'must have at least 32 characters' : undefined),
})

// As in packages/redis: braces and colons would reach into another prefix.
export const prefix: Shape<string> = text({
  says: "up to 100 letters, digits, '_', '.' and '-'",
  pattern: /^[\w.-]{1,100}$/,
})

export const pathPrefix: Shape<string> = text({
  says: "a path that begins with '/' and does not end with one",
  pattern: /^(?:\/[\w\-.~]+)+$/,
})

export const printable: Shape<string> = text({
  says: 'printable ASCII without quotes',
  pattern: /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/,
})
