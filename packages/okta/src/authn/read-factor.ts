import type { Link } from './link.ts'
import { recordOf, textOf, type Json } from './json.ts'

/** A factor of an answer. */
export interface ReadFactor {
  readonly id: string | undefined
  readonly factorType: string
  readonly provider: string
  readonly profile: Json
  readonly enrollment: string | undefined
  readonly verify: Link | undefined
  readonly enroll: Link | undefined
  /** Of a passkey or a push with a number. */
  readonly challenge: Json | undefined
  /** Of Duo. */
  readonly verification: Json | undefined
  readonly activation: Json | undefined
}

type ReadLink = (value: unknown) => Link | undefined

const mostFactors = 50

// The list is `factors` on the wire and `factor` in the reference; one that is active is an object.
export function readFactors(embedded: Json, link: ReadLink): readonly ReadFactor[] {
  const given = embedded['factors'] ?? embedded['factor']
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  return list.slice(0, mostFactors).flatMap((value) => readFactor(value, link) ?? [])
}

function readFactor(value: unknown, link: ReadLink): ReadFactor | undefined {
  const factor = recordOf(value)
  const factorType = textOf(factor?.['factorType'])
  if (factor === undefined || factorType === undefined) return undefined
  const links = recordOf(factor['_links']) ?? {}
  const embedded = recordOf(factor['_embedded']) ?? {}
  return {
    id: textOf(factor['id']),
    factorType,
    provider: textOf(factor['provider']) ?? '',
    profile: recordOf(factor['profile']) ?? {},
    enrollment: textOf(factor['enrollment']),
    verify: link(links['verify']),
    enroll: link(links['enroll']),
    challenge: recordOf(embedded['challenge']),
    verification: recordOf(embedded['verification']),
    activation: recordOf(embedded['activation']),
  }
}
