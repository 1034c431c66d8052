import type { JsonSchema, Shape } from './shape.ts'

/** What a text must be. */
interface TextWish {
  /** For messages: `must be …`. */
  readonly says?: string
  readonly pattern?: RegExp
  /** Says what else is wrong, in words that follow the member's name. Never with the text itself. */
  readonly wrong?: (value: string) => string | undefined
}

// In a file any text may stand somewhere else; what is written there is checked once it is known.
const reference = '^\\$\\{(?:env|file):[^}]+\\}$'

/** A text that is not empty. */
export function text({ says, pattern, wrong }: TextWish = {}): Shape<string> {
  const described = says ?? 'a non-empty string'
  return {
    says: described,
    schema: {
      type: 'string',
      ...(pattern ? { pattern: `${pattern.source}|${reference}` } : { minLength: 1 }),
    },
    fits: (value) => typeof value === 'string' && value !== '',
    check: (value, path, tell) => {
      const given = String(value)
      const message = pattern?.test(given) === false ? `must be ${described}` : wrong?.(given)
      if (message !== undefined) tell({ path, message })
    },
  }
}

/** One of some words or numbers. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Shape<T> {
  const says = values.map((value) => JSON.stringify(value)).join(' or ')
  const known: readonly unknown[] = values
  return {
    says,
    schema: { enum: values },
    fits: (value) => typeof value === 'string' || typeof value === 'number',
    check: (value, path, tell) => {
      if (!known.includes(value)) tell({ path, message: `must be ${says}` })
    },
  }
}

/** Bounds of a number. */
interface NumberWish {
  readonly least?: number
  /** The number must be more than this one. */
  readonly above?: number
  readonly most?: number
  readonly whole?: boolean
}

/** A number within bounds. */
export function number(unit: string, { least, above, most, whole }: NumberWish): Shape<number> {
  const bounds = [
    ...(least === undefined ? [] : [`${least} or more`]),
    ...(above === undefined ? [] : [`more than ${above}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ]
  const says = `${whole === true ? 'a whole number' : 'a number'}${unit}, ${bounds.join(' and ')}`
  const schema: JsonSchema = {
    type: whole === true ? 'integer' : 'number',
    ...(least !== undefined && { minimum: least }),
    ...(above !== undefined && { exclusiveMinimum: above }),
    ...(most !== undefined && { maximum: most }),
  }
  const holds = (value: number): boolean =>
    Number.isFinite(value) &&
    value >= (least ?? -Infinity) &&
    value > (above ?? -Infinity) &&
    value <= (most ?? Infinity) &&
    (whole !== true || Number.isSafeInteger(value))
  return {
    says,
    schema,
    fits: (value) => typeof value === 'number',
    check: (value, path, tell) => {
      if (!holds(Number(value))) tell({ path, message: `must be ${says}, got ${String(value)}` })
    },
  }
}

export const seconds = (wish: NumberWish = { least: 0 }): Shape<number> =>
  number(' of seconds', wish)

export const count = (most?: number): Shape<number> =>
  number('', { least: 1, whole: true, ...(most !== undefined && { most }) })

export const flag: Shape<boolean> = {
  says: 'true or false',
  schema: { type: 'boolean' },
  fits: (value) => typeof value === 'boolean',
  check: () => undefined,
}
