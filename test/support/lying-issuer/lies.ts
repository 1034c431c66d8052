/** How an endpoint that answers with JSON fails. */
export type Breakage =
  | 'error-500'
  | 'hang'
  | 'html'
  | 'huge'
  | 'redirect'
  | 'slow'
  | 'garbage'
  | 'array'
  | 'reset'

/** Whose signature a token bears: somebody else's, or none that counts. */
export type SignatureLie =
  | 'unknown-key'
  | 'unknown-key-known-kid'
  | 'none'
  | 'hs256-secret'
  | 'hs256-public-key'
  | 'tampered'

/** Everything that the issuer can be told to do wrong; what is absent it does right. */
export interface Lies {
  // The answer of the authorization endpoint.
  readonly state?: 'wrong' | 'missing' | 'twice'
  readonly code?: 'missing' | 'twice' | 'foreign'
  /** The parameter of RFC 9207. */
  readonly iss?: 'wrong' | 'missing' | 'twice'
  /** Answers in this way, whatever was asked for. */
  readonly mode?: 'query' | 'fragment' | 'form_post'
  /** Answers with an error of these words. */
  readonly error?: AuthorizationError
  /** Of the signed answer (JARM). */
  readonly answer?: 'other-audience' | 'other-issuer' | 'expired' | SignatureLie

  // The ID token, of the front channel and of the token endpoint.
  readonly nonce?: 'wrong' | 'missing'
  readonly audience?: 'other' | 'several' | 'several-with-azp' | 'missing'
  readonly azp?: 'other'
  readonly time?: 'expired' | 'future' | 'no-exp' | 'no-iat'
  readonly signature?: SignatureLie
  readonly atHash?: 'wrong' | 'missing'
  readonly cHash?: 'wrong' | 'missing'
  readonly authTime?: 'old' | 'missing' | 'text'
  readonly acr?: 'wrong' | 'missing'
  readonly issuer?: 'other' | 'missing'
  readonly sub?: 'missing' | 'other'
  /** Claims on top of all others; `undefined` takes one away. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Lies of the ID token only where it comes from: default both. */
  readonly where?: 'front' | 'token'

  // The token endpoint.
  readonly token?: Breakage | 'no-access-token' | 'no-id-token'
  /** Members on top of its good answers. */
  readonly tokenMembers?: Readonly<Record<string, unknown>>
  readonly refresh?:
    | 'other-sub'
    | 'other-issuer'
    | 'other-audience'
    | 'no-id-token'
    | 'no-refresh-token'
    | 'invalid-grant'

  // The other endpoints.
  readonly userinfo?:
    | Breakage
    | 'other-sub'
    | 'no-sub'
    | 'signed'
    | 'signed-other-issuer'
    | 'signed-other-audience'
    | 'signed-other-sub'
    | 'signed-unknown-key'
    | 'signed-none'
  readonly par?: Breakage | 'status-200' | 'no-request-uri' | 'refused'
  readonly revocation?: Breakage
  readonly keys?: Breakage
  readonly discovery?: Breakage
  /** Members on top of the metadata; `undefined` takes one away. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Sets cookies of these texts with every answer. */
  readonly cookies?: readonly string[]
}

export interface AuthorizationError {
  readonly error: string
  readonly description?: string
  readonly uri?: string
}

/** What a hostile issuer may put where a sentence is expected. */
export const hostile = {
  script: '</title><script>alert(document.cookie)</script><img src=x onerror=alert(1)>"\'',
  lines: 'no\r\nSet-Cookie: session=stolen\r\n\r\n<h1>split</h1>\u0000\u001B[2J\u2028',
  long: 'long '.repeat(2048),
} as const
