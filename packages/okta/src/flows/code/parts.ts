/** What differs between two applications that use the same flow. */
export interface Slots {
  readonly server: 'org' | 'custom'
  /** Whether the client proves itself with a key. */
  readonly hasKey: boolean
  /** Separated by spaces; may be empty. */
  readonly scope: string
  /** Whether an API of one's own is called. */
  readonly callsApi: boolean
  /** Whether a server makes the pages. */
  readonly hasServer: boolean
}

/** A module to start from. */
export type Snippet = (slots: Slots) => string

/** Lines of code, without those that are left out. */
export const code = (...lines: readonly (string | false | undefined)[]): string =>
  `${lines.filter((line) => line !== false && line !== undefined).join('\n')}\n`

const width = 100

/** An import of whatever stands before `from`. */
export const importing = (what: string, from: string): string =>
  `import ${what} from ${quoted(from)}`

const quoted = (text: string): string => `'${text}'`

/** An import of names, broken where a formatter would break it. */
export const imports = (
  from: string,
  ...names: readonly (string | false | undefined)[]
): string => {
  const wanted = names.filter((name) => name !== false && name !== undefined)
  const line = importing(`{ ${wanted.join(', ')} }`, from)
  if (line.length <= width) return line
  return importing(`{\n${wanted.map((name) => `  ${name},\n`).join('')}}`, from)
}

/** What is read from the environment. */
export const environment = (...names: readonly (string | false)[]): string =>
  `const { ${names
    .filter((name) => name !== false)
    .map((name) => `${name} = ''`)
    .join(', ')} } = process.env`

/** The authorization server. */
export const serverLine = ({ server }: Slots): string =>
  server === 'org'
    ? "const server = okta({ domain: 'acme.okta.com' })"
    : "const server = okta({ domain: 'acme.okta.com', authorizationServer: 'default' })"

/** The registration, as a property of an object. Okta wants to read the address that is asked in an assertion. */
export const clientLines = ({ hasKey }: Slots): string =>
  hasKey
    ? `  client: {
    id: CLIENT_ID,
    authentication: privateKeyJwt({ key: PRIVATE_KEY, audience: (endpoint) => endpoint }),
  },`
    : '  client: { id: CLIENT_ID },'

/** A client of the authorization server. */
const clientOf = (slots: Slots): string =>
  slots.hasKey
    ? `const client = createClient({
  issuer: server.issuer,
${clientLines(slots)}
})`
    : 'const client = createClient({ issuer: server.issuer, client: { id: CLIENT_ID } })'

/** What a client's module begins with. */
export const clientHead = (slots: Slots, ...names: readonly string[]): string =>
  code(
    imports('@portcullis/core', 'createClient', ...names, slots.hasKey && 'privateKeyJwt'),
    importing('{ okta }', '@portcullis/okta'),
    '',
    environment('CLIENT_ID', slots.hasKey && 'PRIVATE_KEY'),
    serverLine(slots),
    clientOf(slots),
  )

/** A wish for scopes, as the argument of a call. */
export const wish = ({ scope }: Slots): string => (scope === '' ? '' : `{ scope: '${scope}' }`)
