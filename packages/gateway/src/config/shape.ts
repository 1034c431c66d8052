import { optionChecks } from '@portcullis/core'

/** Where something stands in a document: names of members, and places in lists. */
export type Path = readonly (string | number)[]

/** Something that is wrong, and where. No value of a text stands in it: it could be a secret. */
export interface Problem {
  readonly path: Path
  readonly message: string
  /** Whether it is the member's name that is wrong. */
  readonly atName?: boolean
}

export type Tell = (problem: Problem) => void

export type JsonSchema = Readonly<Record<string, unknown>>

/** What a value must look like: for validation, for the JSON Schema, and for the guide. */
export interface Shape<T> {
  readonly schema: JsonSchema
  /** `a string`, for messages. */
  readonly says: string
  /** Whether it is the right kind of value at all. */
  fits(value: unknown): boolean
  /** Tells what is wrong. Only for a value that fits. */
  check(value: unknown, path: Path, tell: Tell): void
  /** Members, for the guide. */
  readonly members?: Readonly<Record<string, Member>>
  /** What a list or a map holds, for the guide. */
  readonly item?: Shape<unknown>
  /** Never there: it carries the type. */
  readonly type?: T
}

/** A member of an object. */
export interface Member {
  readonly shape: Shape<unknown>
  /** One sentence. */
  readonly about: string
  readonly required: boolean
}

interface Required<T> extends Member {
  readonly shape: Shape<T>
  readonly required: true
}

interface Optional<T> extends Member {
  readonly shape: Shape<T>
  readonly required: false
}

/** One entry for each member of the type: none can be forgotten, and none invented. */
export type Members<T> = {
  readonly [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K>
    ? Optional<Exclude<T[K], undefined>>
    : Required<T[K]>
}

export const need = <T>(shape: Shape<T>, about: string): Required<T> => ({
  shape,
  about,
  required: true,
})

export const may = <T>(shape: Shape<T>, about: string): Optional<T> => ({
  shape,
  about,
  required: false,
})

/** Holds a value against a shape. */
export function hold(shape: Shape<unknown>, value: unknown, path: Path, tell: Tell): void {
  if (shape.fits(value)) shape.check(value, path, tell)
  else tell({ path, message: `must be ${shape.says}, got ${kindOf(value)}` })
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object of known members. `whole` looks at it once each member is right by itself. */
export function object<T>(
  members: Members<T>,
  whole: (value: T, tell: Tell, path: Path) => void = () => undefined,
): Shape<T> {
  // The mapped type is a record of members, which TypeScript cannot see for a T that is open.
  const known = members as Readonly<Record<string, Member>>
  const required = Object.keys(known).filter((name) => known[name]?.required)
  return {
    says: 'an object',
    members: known,
    fits: isRecord,
    schema: {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(known).map(([name, { shape, about }]) => [
          name,
          { description: about, ...shape.schema },
        ]),
      ),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    },
    check: (value, path, tell) => {
      if (!isRecord(value)) return
      let isSound = true
      const spoil: Tell = (problem) => {
        isSound = false
        tell(problem)
      }
      checkMembers(value, known, path, spoil)
      // Every member was found right.
      if (isSound) whole(value as T, spoil, path)
    },
  }
}

function checkMembers(
  value: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, Member>>,
  path: Path,
  tell: Tell,
): void {
  for (const [name, held] of Object.entries(value)) {
    const member = Object.hasOwn(known, name) ? known[name] : undefined
    const at = [...path, name]
    if (member === undefined) {
      const message = `is not known${optionChecks.nearest(name, Object.keys(known))}`
      tell({ path: at, message, atName: true })
    } else if (held !== undefined) hold(member.shape, held, at, tell)
  }
  for (const [name, { required }] of Object.entries(known)) {
    if (required && (!Object.hasOwn(value, name) || value[name] === undefined)) {
      tell({ path: [...path, name], message: 'is missing' })
    }
  }
}

/** An object whose names are the user's own. */
export const map = <T>(
  item: Shape<T>,
  wrongName: (name: string) => string | undefined,
): Shape<Readonly<Record<string, T>>> => ({
  says: 'an object',
  item,
  fits: isRecord,
  schema: { type: 'object', additionalProperties: item.schema },
  check: (value, path, tell) => {
    for (const [name, held] of Object.entries(isRecord(value) ? value : {})) {
      const wrong = wrongName(name)
      if (wrong !== undefined) tell({ path: [...path, name], message: wrong, atName: true })
      hold(item, held, [...path, name], tell)
    }
  },
})

/** A list, which holds at least one item unless it is said that it `mayBeEmpty`. */
export const list = <T>(item: Shape<T>, mayBeEmpty = false): Shape<readonly T[]> => ({
  says: 'a list',
  item,
  fits: Array.isArray,
  schema: { type: 'array', items: item.schema, ...(!mayBeEmpty && { minItems: 1 }) },
  check: (value, path, tell) => {
    const items: readonly unknown[] = Array.isArray(value) ? value : []
    if (items.length === 0 && !mayBeEmpty) tell({ path, message: 'must not be empty' })
    for (const [at, one] of items.entries()) hold(item, one, [...path, at], tell)
  },
})

/** One of several kinds of value. */
export function either<A, B>(first: Shape<A>, second: Shape<B>): Shape<A | B> {
  const shapes: readonly Shape<unknown>[] = [first, second]
  const members = first.members ?? second.members
  const item = first.item ?? second.item
  return {
    says: `${first.says} or ${second.says}`,
    schema: { anyOf: shapes.map(({ schema }) => schema) },
    ...(members && { members }),
    ...(item && { item }),
    fits: (value) => shapes.some((shape) => shape.fits(value)),
    check: (value, path, tell) =>
      shapes.find((shape) => shape.fits(value))?.check(value, path, tell),
  }
}

/** A shape that refers to itself. */
export const recursive = <T>(name: string, make: () => Shape<T>): Shape<T> => {
  let made: Shape<T> | undefined
  const shape = (): Shape<T> => (made ??= make())
  return {
    says: 'an object',
    schema: { $ref: `#/$defs/${name}` },
    fits: (value) => shape().fits(value),
    check: (value, path, tell) => shape().check(value, path, tell),
  }
}

/** Kinds only, never a value: a secret of digits is a number to YAML. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
