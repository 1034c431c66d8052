import type { AuthnFactorInfo, DuoInfo } from './factors.ts'
import type { ReadFactor } from './read-factor.ts'
import { recordOf, textOf, type Json } from './json.ts'

/** What the name of a factor says about how it is proven. */
export function kindOf(
  factorType: string,
): 'code' | 'question' | 'message' | 'push' | 'webauthn' | 'duo' | 'other' {
  if (factorType === 'token' || factorType.startsWith('token:')) return 'code'
  if (factorType === 'question' || factorType === 'push' || factorType === 'webauthn') {
    return factorType
  }
  if (factorType === 'web') return 'duo'
  return ['sms', 'call', 'email'].includes(factorType) ? 'message' : 'other'
}

export const describe = ({ id, factorType, provider, profile }: ReadFactor): AuthnFactorInfo => ({
  id,
  factorType,
  provider,
  label: labels.map((name) => textOf(profile[name])).find((label) => label !== undefined),
})

const labels = ['phoneNumber', 'email', 'authenticatorName', 'name', 'questionText', 'credentialId']

export const questionOf = ({ profile }: ReadFactor): string | undefined =>
  textOf(profile['questionText']) ?? textOf(profile['question'])

/** The number of a push that the user must find on the phone. */
export const numberOf = ({ challenge }: ReadFactor): number | undefined => {
  const number: unknown = challenge?.['correctAnswer']
  return typeof number === 'number' ? number : undefined
}

/** What Duo needs, without showing the signature to every log. */
export function duoOf(verification: Json | undefined): DuoInfo {
  const links = recordOf(verification?.['_links']) ?? {}
  const href = (name: string) => textOf(recordOf(links[name])?.['href'])
  return {
    host: textOf(verification?.['host']),
    script: href('script'),
    signature: () => textOf(verification?.['signature']),
    complete: () => href('complete'),
  }
}
