import { createMemory } from './memory.ts'

/** Makes a list of a text; the list is frozen. */
export type ListOf = (text: string) => readonly string[]

/** The words between the spaces of a text. */
export const words: ListOf = (text) => {
  const all = text.split(' ')
  return Object.freeze(all.includes('') ? all.filter((word) => word !== '') : all)
}

/** The text alone. */
export const single: ListOf = (text) => Object.freeze([text])

const maxTexts = 1000

/** The same, giving one list to all who ask for the same text: tokens come by the thousand, scopes do not. */
export function remembering(make: ListOf): ListOf {
  const lists = createMemory<readonly string[]>(maxTexts)
  return (text) => {
    const known = lists.get(text)
    if (known !== undefined) return known
    const list = make(text)
    lists.set(text, list)
    return list
  }
}
