/** What a client asked, in the words of whichever proxy relayed it. */
export interface Inquiry {
  /** The client's own method, never the proxy's. */
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** Lower case, without port; empty where the proxy knew none. */
  readonly host: string
  /** Path and query exactly as the client sent them. */
  readonly target: string
  /** The client's field by its lower-case name; a repeated field is joined by `', '`. */
  header(name: string): string | undefined
  /** The client's certificate (DER) where the proxy hands it on. */
  certificate?(): Uint8Array | undefined
}
