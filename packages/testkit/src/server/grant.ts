import type { Provider } from 'oidc-provider'

/** What a client asks for, and for whom. */
export interface Asked {
  readonly params: Readonly<Record<string, unknown>>
  readonly accountId: string
  /** A grant from an earlier request, to be widened. */
  readonly grantId?: string | undefined
}

/** Grants every scope and claim asked for; answers with the id of the grant. */
export async function grantEverything(provider: Provider, asked: Asked): Promise<string> {
  const { params, accountId } = asked
  const earlier = asked.grantId === undefined ? undefined : await provider.Grant.find(asked.grantId)
  const grant = earlier ?? new provider.Grant({ accountId, clientId: String(params['client_id']) })
  const scope = typeof params['scope'] === 'string' ? params['scope'] : ''
  if (scope !== '') grant.addOIDCScope(scope)
  for (const resource of resourcesOf(params['resource'])) grant.addResourceScope(resource, scope)
  const names = claimsOf(params['claims'])
  if (names.length > 0) grant.addOIDCClaims(names)
  return grant.save()
}

const resourcesOf = (resource: unknown): readonly string[] =>
  [resource].flat().filter((one) => typeof one === 'string')

function claimsOf(claims: unknown): string[] {
  const parsed: unknown = typeof claims === 'string' ? JSON.parse(claims) : {}
  if (typeof parsed !== 'object' || parsed === null) return []
  return Object.values(parsed).flatMap((part: unknown) => Object.keys(Object(part)))
}
