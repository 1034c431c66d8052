import type { Account } from 'oidc-provider'
import type { Settings } from './options.ts'

/** OpenID Connect's scopes and the claims that each opens. */
const claims: Readonly<Record<string, string[] | null>> = {
  openid: ['sub'],
  profile: [
    'name',
    'family_name',
    'given_name',
    'nickname',
    'preferred_username',
    'picture',
    'locale',
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  groups: ['groups'],
  acr: null,
  amr: null,
  auth_time: null,
  iss: null,
  sid: null,
}

/** The same, and by `openid` what else the users have: no scope is named after it. */
export function claimsOf({ users }: Settings): Readonly<Record<string, string[] | null>> {
  const opened = new Set(Object.entries(claims).flatMap(([scope, names]) => names ?? scope))
  const own = Object.values(users).flatMap((user) => Object.keys(user.claims ?? {}))
  return { ...claims, openid: [...new Set(['sub', ...own.filter((name) => !opened.has(name))])] }
}

export const identityScopes: readonly string[] = [
  'openid',
  'offline_access',
  'profile',
  'email',
  'phone',
  'address',
  'groups',
]

export function accountOf({ users }: Settings, name: string): Account | undefined {
  const user = Object.hasOwn(users, name) ? users[name] : undefined
  if (user === undefined) return undefined
  const known = { preferred_username: name, ...user.claims, sub: name }
  return { accountId: name, claims: () => known }
}

export function passwordIs({ users }: Settings, name: string, password: string): boolean {
  return Object.hasOwn(users, name) && (users[name]?.password ?? 'password') === password
}
