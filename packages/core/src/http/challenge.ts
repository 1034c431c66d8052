/** How a guard presents itself in `WWW-Authenticate`. */
export interface Face {
  readonly realm: string | undefined
  /** The schemes a client may use, with the parameters of each; the first is `Bearer`. */
  readonly schemes: readonly Scheme[]
  /** Whether `error_description` carries code and reason: for development. */
  readonly exposeReason: boolean
}

export interface Scheme {
  readonly name: string
  readonly parameters: Readonly<Record<string, string>>
}

export const plainFace: Face = {
  realm: undefined,
  schemes: [{ name: 'Bearer', parameters: {} }],
  exposeReason: false,
}

/** Writes one field with a challenge per scheme; quoting happens here and nowhere else. */
export function challenge(face: Face, error: Readonly<Record<string, string | undefined>>): string {
  const realm = face.realm
  return face.schemes
    .map(({ name, parameters }) => {
      const all = Object.entries({ realm, ...parameters, ...error })
      const text = all.flatMap(([key, value]) =>
        value === undefined ? [] : [`${key}=${quote(value)}`],
      )
      return text.length === 0 ? name : `${name} ${text.join(', ')}`
    })
    .join(', ')
}

// RFC 9110 §5.6.4, narrowed to the characters that RFC 6750 §3 allows in error_description.
const quote = (value: string): string => `"${printable(value).replace(/["\\]/g, '\\$&')}"`

/** Printable ASCII only: whatever an attacker wrote into a token can steer no terminal and no header. */
export const printable = (value: string): string => value.replace(/[^\x20-\x7e]/g, '?')

/** Words of an attacker, cut and made harmless, for a trail. */
export const cut = (value: string): string => printable(value.slice(0, 80))

/** The same for a sentence. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? `'${cut(value)}'` : `a value of type ${typeof value}`
