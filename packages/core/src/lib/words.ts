/** Splits a text at its spaces; the list is frozen. */
export type Words = (text: string) => readonly string[]

export const splitWords: Words = (text) => {
  const words = text.split(' ')
  return Object.freeze(words.includes('') ? words.filter((word) => word !== '') : words)
}

const maxTexts = 1000

/** The same, giving one list to all who ask for the same text: tokens come by the thousand, scopes do not. */
export function createWords(): Words {
  const lists = new Map<string, readonly string[]>()
  return (text) => {
    const known = lists.get(text)
    if (known !== undefined) return known
    if (lists.size >= maxTexts) lists.clear()
    const words = splitWords(text)
    lists.set(text, words)
    return words
  }
}
