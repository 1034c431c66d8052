import type { HeaderField, Principal } from '@portcullis/core'
import { longestValue } from '../config/limits.ts'
import { unspeakable } from './refused.ts'
import { ownMember, scopeText } from './said.ts'

/** Between the members of a claim that is a list. */
const separator = ','

/** Writes one claim as a field. */
export type PlainField = (principal: Principal) => HeaderField

/** Makes the writer of one field; `path` is a name of a claim, or a path of names with dots between. */
export function plainField(name: string, path: string): PlainField {
  const read = reader(path)
  return (principal) => {
    const value = textOf(read(principal), path, principal.issuer)
    if (value.length > longestValue)
      throw unspeakable(path, principal.issuer, `it is longer than ${longestValue} characters`)
    if (!/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/.test(value))
      throw unspeakable(
        path,
        principal.issuer,
        'a field holds printable ASCII without outer blanks',
      )
    return Object.freeze([name, value] as const)
  }
}

function reader(path: string): (principal: Principal) => unknown {
  switch (path) {
    case 'sub':
      return ({ subject }) => subject
    case 'client_id':
      return ({ client }) => client
    case 'scope':
      return scopeText
    case 'iss':
      return ({ issuer }) => issuer
    default: {
      const steps = path.split('.')
      // Names of claims may hold dots themselves: https://acme.example/roles.
      return ({ claims }) => ownMember(claims, path) ?? steps.reduce(ownMember, claims as unknown)
    }
  }
}

function textOf(value: unknown, path: string, issuer: string): string {
  if (value === undefined || value === null) return ''
  if (!Array.isArray(value)) return scalar(value, path, issuer)
  const members = value.map((member) => scalar(member, path, issuer))
  const unclear = members.some(
    (member) => member === '' || member.includes(separator) || member.trim() !== member,
  )
  if (unclear)
    throw unspeakable(path, issuer, `a member is empty, or holds a comma or outer blanks`)
  return members.join(separator)
}

function scalar(value: unknown, path: string, issuer: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value)
  throw unspeakable(
    path,
    issuer,
    'it is neither a text, a number, true or false, nor a list of these',
  )
}
