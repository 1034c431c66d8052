import { hash } from 'node:crypto'

/** A fingerprint that stands for a text without keeping it: 256 bits, so that nobody finds a second text for it. */
export const fingerprint = (text: string): string => hash('sha256', text, 'binary')
