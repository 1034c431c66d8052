import { refuse, Refusal } from '../../errors/refusal.ts'
import { readAccessToken, type AccessToken } from '../../guard/token.ts'
import { cut } from '../../http/challenge.ts'
import type { Claims } from '../../lib/claims.ts'
import { deepFreeze } from '../../lib/freeze.ts'
import type { Schema } from '../../lib/standard-schema.ts'
import { examineAnswer, type Expected } from './answer.ts'

/** What was found out about a token. */
export type Finding<C> = Found<C> | NotFound

/** Whom a token speaks for. */
export interface Found<C> {
  readonly access: AccessToken<C>
  readonly refusal?: never
}

/** Why a token is refused. */
export interface NotFound {
  readonly refusal: Refusal
  readonly access?: never
}

/** What an answer is held against. */
export interface Measure<C> {
  readonly expected: Expected
  readonly schema: Schema<C> | undefined
  /** Epoch seconds. */
  readonly now: number
}

/** Reads what the issuer said, or that it said no. */
export async function find<C>(said: Claims | undefined, measure: Measure<C>): Promise<Finding<C>> {
  try {
    return { access: await readAccess(said, measure) }
  } catch (error) {
    if (Refusal.is(error)) return { refusal: error }
    throw error
  }
}

async function readAccess<C>(
  said: Claims | undefined,
  { expected, schema, now }: Measure<C>,
): Promise<AccessToken<C>> {
  const { issuer } = expected
  if (said === undefined) throw inactive(issuer)
  const facts = examineAnswer(said, expected, now)
  deepFreeze(said)
  // Without a schema, C is what its default says it is: Claims.
  if (schema === undefined) return readAccessToken(said, said as C, facts, [])
  const result = await schema['~standard'].validate(said)
  if (result.issues === undefined) return readAccessToken(said, deepFreeze(result.value), facts, [])
  const [first] = result.issues
  const reason = `What the issuer says does not fit the schema (${cut(first?.message ?? '')}).`
  throw refuse('token_claim_invalid', reason, { trail: { check: 'claims', issuer } })
}

const inactive = (issuer: string): Refusal =>
  refuse(
    'token_revoked',
    'The issuer says that the token is not active: it has expired, was revoked, or is unknown there.',
    { trail: { check: 'active', issuer } },
  )
