/** The claims of a token as the issuer wrote them; frozen wherever requests share them. */
export type Claims = Readonly<Record<string, unknown>>
