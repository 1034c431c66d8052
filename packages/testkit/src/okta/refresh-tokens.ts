import type { AccessRule } from './options.ts'
import type { Subject, Tokens } from './tokens.ts'
import { randomText } from './wire.ts'

/** All that descends from one login: the refresh token as it changes, and its access tokens. */
export interface Family {
  readonly subject: Subject
  /** Text of every refresh token that it ever had, the newest last. */
  readonly texts: string[]
  readonly accessTokens: string[]
  readonly endsAt: number
  readonly window: number
  usedAt: number
  rotatedAt: number
  isRevoked: boolean
}

export interface RefreshTokens {
  readonly start: (subject: Subject, rule: AccessRule) => Family
  readonly find: (text: string) => Family | undefined
  /**
   * `reused` is a token that was replaced longer ago than the leeway: then the whole family is over.
   * A replay inside the leeway is as good as the newest.
   */
  readonly examine: (family: Family, text: string) => 'good' | 'over' | 'reused'
  /** The refresh token to answer with: a new one where the app rotates. */
  readonly renew: (family: Family) => string
  readonly revoke: (family: Family) => void
  readonly isLive: (family: Family) => boolean
  readonly all: () => readonly Family[]
}

const ninetyDays = 90 * 24 * 60

export function createRefreshTokens(tokens: Tokens, now: () => number): RefreshTokens {
  const families = new Map<string, Family>()
  const revoke = (family: Family) => {
    family.isRevoked = true
    for (const token of family.accessTokens) tokens.revoke(token)
  }
  const isLive = (family: Family) =>
    !family.isRevoked && now() < family.endsAt && now() < family.usedAt + family.window
  return {
    start: (subject, rule) => {
      const family = create(subject, rule, now())
      families.set(add(family), family)
      return family
    },
    find: (text) => families.get(text),
    examine: (family, text) => {
      if (text === family.texts.at(-1)) return isLive(family) ? 'good' : 'over'
      const { leeway } = family.subject.app.refreshToken
      const isPrevious = text === family.texts.at(-2)
      const isInTime = now() < family.rotatedAt + leeway * 1000
      if (isPrevious && isInTime) return isLive(family) ? 'good' : 'over'
      revoke(family)
      return 'reused'
    },
    renew: (family) => {
      family.usedAt = now()
      if (family.subject.app.refreshToken.rotation === 'STATIC') return family.texts.at(-1) ?? ''
      family.rotatedAt = now()
      const text = add(family)
      families.set(text, family)
      return text
    },
    revoke,
    isLive,
    all: () => [...new Set(families.values())],
  }
}

function add(family: Family): string {
  const text = randomText(43)
  family.texts.push(text)
  return text
}

function create(subject: Subject, rule: AccessRule, now: number): Family {
  const { isOrg } = subject.server
  const { refreshTokenLifetimeMinutes = isOrg ? ninetyDays : 0 } = rule
  const { refreshTokenWindowMinutes = isOrg ? ninetyDays : 10_080 } = rule
  const lifetime = refreshTokenLifetimeMinutes === 0 ? Infinity : refreshTokenLifetimeMinutes
  return {
    subject,
    texts: [],
    accessTokens: [],
    endsAt: now + lifetime * 60_000,
    window: refreshTokenWindowMinutes * 60_000,
    usedAt: now,
    rotatedAt: now,
    isRevoked: false,
  }
}
