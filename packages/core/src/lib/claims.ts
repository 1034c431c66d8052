/** The claims of a token as the issuer wrote them; frozen, and shared between requests. */
export type Claims = Readonly<Record<string, unknown>>
