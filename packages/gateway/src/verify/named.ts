const longest = 16_384

/**
 * The issuer that a token names, if it is a JWT that names one. Nothing is verified here: it only tells
 * whom to ask, and whoever is asked makes a full check.
 */
export function issuerNamedBy(token: string): string | undefined {
  if (token.length > longest) return undefined
  const parts = token.split('.', 4)
  if (parts.length !== 3) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString())
    if (typeof claims !== 'object' || claims === null || !('iss' in claims)) return undefined
    return typeof claims.iss === 'string' ? claims.iss : undefined
  } catch {
    return undefined
  }
}
