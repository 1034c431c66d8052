import { describe, expect, it } from 'vitest'
import { exportsOf, readRepository } from './architecture/sources.ts'

interface Entry {
  readonly name: string
  readonly entry: string
  readonly module: () => Promise<object>
  readonly values: readonly string[]
  readonly types: readonly string[]
}

// What users may import, by name: a change here is a change for them, and wants a changeset.
const published: readonly Entry[] = [
  {
    name: '@portcullis/core',
    entry: 'packages/core/src/index.ts',
    module: () => import('@portcullis/core'),
    values: [
      'ConfigurationError',
      'Outage',
      'Refusal',
      'allOf',
      'anyOf',
      'createGuard',
      'createIssuer',
      'demandPrincipal',
      'errorReply',
      'forbidden',
      'hasAnyScope',
      'hasClaim',
      'hasScope',
      'isPromise',
      'jwt',
      'keepPrincipal',
      'keptPrincipal',
      'not',
      'readForm',
      'satisfies',
      'withRules',
    ],
    types: [
      'AccessToken',
      'Algorithm',
      'BearerError',
      'CacheOptions',
      'Choice',
      'ClaimValue',
      'Claims',
      'Credential',
      'GenuineToken',
      'Granted',
      'Guard',
      'GuardEvent',
      'GuardHealth',
      'GuardOptions',
      'GuardSettings',
      'Handler',
      'HeaderField',
      'HttpRequest',
      'Issuer',
      'IssuerHealth',
      'IssuerMetadata',
      'IssuerOptions',
      'IssuerResolver',
      'IssuerSnapshot',
      'IssuerSource',
      'JwtOptions',
      'JwtSettings',
      'KeyOptions',
      'KeySource',
      'KeyState',
      'ManyIssuers',
      'MaybePromise',
      'Observer',
      'OneIssuer',
      'OptionalPrincipalOf',
      'OutageCode',
      'OutageOptions',
      'OwnVerifier',
      'Principal',
      'PrincipalOf',
      'PublicKey',
      'RefusalCode',
      'RefusalOptions',
      'Refused',
      'Reply',
      'Rule',
      'Runtime',
      'Schema',
      'SchemaIssue',
      'SchemaResult',
      'SenderConstraint',
      'TokenFacts',
      'TokenPolicy',
      'TokenVerifier',
      'Trail',
      'TrustedIssuer',
      'Verdict',
    ],
  },
  {
    name: '@portcullis/core/node',
    entry: 'packages/core/src/node.ts',
    module: () => import('@portcullis/core/node'),
    values: ['appendHeaders', 'fromNode', 'sendNode'],
    types: ['Address', 'NodeView'],
  },
  {
    name: '@portcullis/express',
    entry: 'packages/express/src/index.ts',
    module: () => import('@portcullis/express'),
    values: ['optionalPrincipal', 'principal', 'protect', 'routes'],
    types: ['Protection'],
  },
  {
    name: '@portcullis/koa',
    entry: 'packages/koa/src/index.ts',
    module: () => import('@portcullis/koa'),
    values: ['optionalPrincipal', 'principal', 'protect', 'routes'],
    types: [],
  },
  {
    name: '@portcullis/fetch',
    entry: 'packages/fetch/src/index.ts',
    module: () => import('@portcullis/fetch'),
    values: ['optionalPrincipal', 'principal', 'protect', 'routes'],
    types: ['FetchHandler', 'Protection'],
  },
  {
    name: '@portcullis/testkit',
    entry: 'packages/testkit/src/index.ts',
    module: () => import('@portcullis/testkit'),
    values: ['createAuthorizationServer', 'createBrowser', 'createClock', 'createTokenIssuer'],
    types: [
      'AuthorizationServer',
      'AuthorizationServerOptions',
      'Browser',
      'ClientMetadata',
      'Clock',
      'Endpoint',
      'Fault',
      'Faults',
      'Garbage',
      'Overrides',
      'Page',
      'RequestCounts',
      'Resource',
      'SignIn',
      'SigningAlgorithm',
      'TokenAnswer',
      'TokenClient',
      'TokenIssuer',
      'TokenIssuerGuardOptions',
      'TokenIssuerOptions',
      'TokenRequest',
      'User',
    ],
  },
  {
    name: '@portcullis/testkit/contract',
    entry: 'packages/testkit/src/contract.ts',
    module: () => import('@portcullis/testkit/contract'),
    values: ['testAdapter'],
    types: ['AdapterUnderTest', 'Capability', 'Reading', 'Runner', 'Setup'],
  },
]

const repository = readRepository()
const core = new Set(Object.keys(await import('@portcullis/core')))

describe.each(published)('$name', ({ name, entry, module, values, types }) => {
  const text = repository.find(({ path }) => path === entry)?.text ?? ''

  it('exports these values', async () => {
    const names = Object.keys(await module())
    const own = name === '@portcullis/core' ? names : names.filter((found) => !core.has(found))
    expect(own.toSorted()).toEqual(values)
  })

  it('exports these types', () => {
    const names = exportsOf({ path: entry, text }).filter((found) => !values.includes(found))
    expect(names.toSorted()).toEqual(types)
  })
})

it.each(['express', 'koa', 'fetch'])('all of the core comes with the %s adapter', async (name) => {
  const entry = published.find((one) => one.name === `@portcullis/${name}`)
  expect(Object.keys((await entry?.module()) ?? {})).toEqual(expect.arrayContaining([...core]))
})

it('leaves no entry point out of the list', () => {
  const entries = repository
    .filter(({ path }) => /^packages\/[^/]+\/package\.json$/.test(path))
    .flatMap(({ text }) => {
      const { name, exports }: { name: string; exports: object } = JSON.parse(text)
      return Object.keys(exports)
        .filter((path) => path !== './package.json' && path !== './augment')
        .map((path) => `${name}${path.slice(1)}`)
    })
  expect(new Set(entries)).toEqual(new Set(published.map(({ name }) => name)))
})
