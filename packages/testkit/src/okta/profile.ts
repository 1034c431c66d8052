import type { Person } from './people.ts'

type Claims = Readonly<Record<string, unknown>>

const scopeClaims: Readonly<Record<string, (person: Person) => Claims>> = {
  profile: (person) => ({
    name: `${person.firstName} ${person.lastName}`,
    preferred_username: person.login,
    given_name: person.firstName,
    family_name: person.lastName,
    locale: 'en-US',
    zoneinfo: 'America/Los_Angeles',
    updated_at: Math.floor(person.passwordChanged / 1000),
    ...person.claims,
  }),
  email: ({ email }) => ({ email, email_verified: true }),
  address: () => ({ address: { locality: 'San Francisco', country: 'US' } }),
  phone: ({ phoneNumber }) => ({ phone_number: phoneNumber }),
  groups: ({ groups }) => ({ groups }),
}

/** Every claim of the scopes, as userinfo has them. */
export const claimsOf = (person: Person, scopes: readonly string[]): Claims =>
  Object.fromEntries(scopes.flatMap((scope) => Object.entries(scopeClaims[scope]?.(person) ?? {})))

const thin = new Set(['email', 'name', 'preferred_username', 'groups'])

/** Those of an ID token: beside an access token only a few of the org server, and none of the others. */
export function narrowClaims(
  person: Person,
  scopes: readonly string[],
  { isOrg, isAlone }: { readonly isOrg: boolean; readonly isAlone: boolean },
): Claims {
  const claims = claimsOf(person, scopes)
  if (isAlone) return claims
  return isOrg ? Object.fromEntries(Object.entries(claims).filter(([name]) => thin.has(name))) : {}
}
