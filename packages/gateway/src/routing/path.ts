/**
 * Reads the path of a target in its one canonical form, without the query and without a slash at the
 * end. Answers nothing where two programs on the way could read it differently (the list is in
 * `docs/guide/gateway-configuration.md`).
 */
export function canonicalPath(target: string): string | undefined {
  if (target.charCodeAt(0) !== slash) return undefined
  const query = target.indexOf('?')
  if (query !== -1 && foreign.test(target)) return undefined
  const path = query === -1 ? target : target.slice(0, query)
  return withoutLastSlash(plain.test(path) ? path : spelledOut(path))
}

const slash = 0x2f

// Segments of characters that nobody encodes or decodes, none of them empty, `.` or `..`.
const plain = /^(?:\/(?!\.\.?(?:\/|$))[\w\-.~!$&'()*+,=:@]+)*\/?$/

// Beyond printable ASCII, and `#`: what follows it is a fragment for some and part of the query for others.
const foreign = /[^!"$-~]/

// `;` begins parameters for some, `\` is a slash for others; the rest stands in no path (RFC 3986 §3.3).
const permitted = /^(?:[\w\-.~!$&'()*+,=:@/[\]|]|%[\dA-Fa-f]{2})+$/

const escaped = /%[\dA-Fa-f]{2}|[[\]|]/g

// Each escape costs a little, and whoever sends ten thousand should not cost us milliseconds. Servers
// take lines of 8 KiB unless they are told otherwise.
const longestSpelled = 8192

function spelledOut(path: string): string | undefined {
  if (path.length > longestSpelled || !permitted.test(path) || !isUtf8(path)) return undefined
  let hasOneReading = true
  const spelled = path.replaceAll(escaped, (escape) => {
    const spelling = spellings.get(escape)
    if (spelling === undefined) hasOneReading = false
    return spelling ?? ''
  })
  return hasOneReading && isTidy.test(spelled) ? spelled : undefined
}

/**
 * How each escape is spelled, worked out once: a path may hold ten thousand. None for what no client needs
 * to encode (an unreserved character), and for what means something else once it is decoded: `/`, `\`, `#`,
 * `?`, `;`, `%` and control characters.
 */
const spellings: ReadonlyMap<string, string> = new Map(
  Array.from({ length: 256 }, (_, code) => code).flatMap((code) => {
    const letter = String.fromCharCode(code)
    if (code <= 0x1f || code === 0x7f || /[\w\-.~/\\#?;%]/.test(letter)) return []
    const upper = `%${code.toString(16).toUpperCase()}`
    // Half of our clients encode `@` and its like and half do not, and both mean the same.
    const spelling = /[!$&'()*+,=:@]/.test(letter) ? letter : upper
    const written = /[[\]|]/.test(letter) ? [letter, ...casesOf(upper)] : casesOf(upper)
    return written.map((escape) => [escape, spelling] as const)
  }),
)

/** Every way to write the two digits of an escape. */
function casesOf(escape: string): readonly string[] {
  const [, high = '', low = ''] = escape
  const bothOf = (digit: string) => [digit, digit.toLowerCase()]
  return bothOf(high).flatMap((first) => bothOf(low).map((second) => `%${first}${second}`))
}

const isTidy = /^(?:\/(?!\.\.?(?:\/|$))[^/]+)*\/?$/

// Overlong and broken sequences are where decoders disagree.
function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

// Most frameworks take `/orders/` for `/orders`: one decision for both.
const withoutLastSlash = (path: string | undefined): string | undefined =>
  path !== undefined && path.length > 1 && path.charCodeAt(path.length - 1) === slash
    ? path.slice(0, -1)
    : path
