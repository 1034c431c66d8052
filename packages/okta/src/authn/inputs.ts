import { readPassword, type Input } from '../direct/input.ts'

/** A code of whatever makes codes: with or without the gap in the middle. */
export const readPassCode: Input = (value) => {
  if (typeof value !== 'string' || value.length > 200) return undefined
  const code = value.replace(/\s/g, '')
  return /^[\w-]{4,128}$/.test(code) ? code : undefined
}

/** Words of the user, as they are. */
export const readWords: Input = (value) => readPassword(value)

/** A number that can be called: Okta reads it in more than one way of writing. */
export const readPhone: Input = (value) =>
  typeof value === 'string' && /^\+?[\d ().-]{4,30}$/.test(value.trim()) ? value.trim() : undefined
