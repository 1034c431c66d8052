import type { ClaimWanted, RouteConfig, RuleConfig } from './config.ts'
import { flag, number, oneOf, text } from './leaves.ts'
import { either, list, map, may, need, object, recursive, type Shape } from './shape.ts'
import * as texts from './texts.ts'

const scalar: Shape<string | number | boolean> = either(
  either(text(), number('', { least: -Number.MAX_VALUE })),
  flag,
)

const wanted: Shape<ClaimWanted> = either(scalar, list(scalar))

// One level of them, which `anyOf`, `allOf` and `not` hold again.
const ruleMembers = (inner: Shape<RuleConfig>): Shape<RuleConfig> =>
  object<RuleConfig>(
    {
      scopes: may(list(texts.scope), 'Scopes that must all be there.'),
      anyScope: may(list(texts.scope), 'Scopes of which one suffices.'),
      claims: may(
        map(wanted, texts.claimPath),
        'Claims by path, each with the value it must have, or several of which one suffices.',
      ),
      anyOf: may(list(inner), 'Conditions of which one suffices.'),
      allOf: may(list(inner), 'Conditions that must all hold.'),
      not: may(inner, 'Conditions that must not hold together.'),
      custom: may(list(texts.anyText), 'Names of rules that the program was given in code.'),
    },
    (value, tell, path) => {
      const isEmpty = Object.values(value).every(
        (one) => one === undefined || Object.keys(Object(one)).length === 0,
      )
      if (isEmpty) tell({ path, message: 'must name at least one condition' })
    },
  )

const innerRule: Shape<RuleConfig> = recursive('rule', () => ruleShape)

export const ruleShape: Shape<RuleConfig> = ruleMembers(innerRule)

export const routeShape: Shape<RouteConfig> = object<RouteConfig>(
  {
    id: may(texts.name, 'A name for logs and metrics. Default `route-1`, `route-2`, …'),
    host: may(
      either(texts.host, list(texts.host)),
      'Host names, lower case, without port. Default: any.',
    ),
    path: need(
      texts.pattern,
      '`/orders`, `/orders/{id}` (one segment), `/public/**` (the rest, empty included).',
    ),
    methods: may(list(texts.method), 'Methods that it is for. Default: any.'),
    allow: may(
      oneOf('anonymous', 'optional'),
      '`anonymous`: passes without a look at credentials; `optional`: passes without one, a bad one fails. Default: a token is needed.',
    ),
    issuers: may(list(texts.name), 'Issuers whose tokens are good here, by `id`. Default: all.'),
    rules: may(ruleShape, 'Conditions; all must hold. Default none.'),
    upstream: may(
      texts.anyText,
      'Audience of the internal token for the upstream behind it. Default: that of `identity.token`.',
    ),
  },
  ({ allow, rules, issuers }, tell, path) => {
    if (allow !== 'anonymous') return
    for (const name of [rules && 'rules', issuers && 'issuers']) {
      const message = 'is never asked for: allow: anonymous lets everybody pass'
      if (name !== undefined) tell({ path: [...path, name], message })
    }
  },
)
