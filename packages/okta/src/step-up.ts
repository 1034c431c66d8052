/** What `acr_values` may ask of Okta. */
export const oktaAcr = {
  /** Any one factor. */
  oneFactor: 'urn:okta:loa:1fa:any',
  /** The password. */
  password: 'urn:okta:loa:1fa:pwd',
  /** Any two factors. */
  twoFactors: 'urn:okta:loa:2fa:any',
  /** Two factors where the user has them, otherwise one. Identity Engine only. */
  twoFactorsIfPossible: 'urn:okta:loa:2fa:any:ifpossible',
  /** A factor that resists phishing. Identity Engine only. */
  phishingResistant: 'phr',
  /** The same, protected by hardware. Identity Engine only. */
  phishingResistantHardware: 'phrh',
} as const

/** An authentication context of Okta. */
export type OktaAcr = (typeof oktaAcr)[keyof typeof oktaAcr]

const one: readonly string[] = [oktaAcr.oneFactor]
const two: readonly string[] = [oktaAcr.twoFactors, oktaAcr.twoFactorsIfPossible, ...one]

// Only what the names themselves say. Whether `phr` is worth two factors is for the application to say.
const meets: ReadonlyMap<string, readonly string[]> = new Map([
  [oktaAcr.password, one],
  [oktaAcr.twoFactors, two],
  [oktaAcr.twoFactorsIfPossible, one],
  [oktaAcr.phishingResistant, one],
  [oktaAcr.phishingResistantHardware, [oktaAcr.phishingResistant, ...one]],
])

/** Whether the `acr` of a token is worth one of those wanted. */
export const meetsAcr = (acr: string | undefined, wanted: readonly string[]): boolean =>
  acr !== undefined &&
  wanted.some((value) => value === acr || (meets.get(acr)?.includes(value) ?? false))

/** What an API wants before it lets the request pass: for the next login. */
export interface StepUpDemand {
  /** Empty where it did not say. */
  readonly acrValues: readonly string[]
  /** Seconds; the `max_age` of the next login. */
  readonly maxAge: number | undefined
  /** For logs: the words of the API. */
  readonly description: string | undefined
}

const errors = new Set(['insufficient_user_authentication', 'insufficient_authentication_context'])
const word = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g
const maxField = 8192

/**
 * What an API that answered 401 or 403 wants of the user's authentication: RFC 9470's error and the one
 * of Okta's own MyAccount API. `undefined` for every other answer.
 */
export function readStepUp(answer: {
  readonly status: number
  readonly headers: { get(name: string): string | null }
}): StepUpDemand | undefined {
  const field = answer.headers.get('www-authenticate') ?? ''
  if ((answer.status !== 401 && answer.status !== 403) || field.length > maxField) return undefined
  const found = challengesOf(field).find((challenge) => errors.has(challenge.get('error') ?? ''))
  if (found === undefined) return undefined
  const age = found.get('max_age') ?? ''
  return {
    acrValues: (found.get('acr_values') ?? '').split(' ').filter((value) => value !== ''),
    maxAge: /^\d{1,10}$/.test(age) ? Number(age) : undefined,
    description: found.get('error_description'),
  }
}

/** The parameters of each challenge, quoted or bare and in any order (RFC 9110 §11.6.1). */
function challengesOf(field: string): readonly ReadonlyMap<string, string>[] {
  const challenges = [new Map<string, string>()]
  for (const [, name = '', quoted, bare] of field.matchAll(word)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? bare
    // A word without a value is the scheme of the next challenge.
    if (value === undefined) challenges.push(new Map())
    else challenges.at(-1)?.set(name.toLowerCase(), value)
  }
  return challenges
}
