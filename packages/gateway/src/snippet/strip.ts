/**
 * Fields with which proxies describe a request to a service behind them. A client that sends one speaks
 * in the proxy's name: they are taken off before ours are set.
 */
export const descriptions: readonly string[] = [
  'Forwarded',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Method',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Proto',
  'X-Forwarded-Uri',
  'X-Original-Method',
  'X-Original-URI',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Auth-Request-Redirect',
]

/**
 * What may stand in a name besides letters, digits and dashes (RFC 9110 §5.6.2): CGI, PHP and their like
 * make the same of all of them, so `X.User` would be `X-User` to an upstream.
 */
export const signs = "!#$%&'*+.^_`|~"

/** Fields that no upstream should get from a client: one opens another protocol, one a proxy of scripts. */
export const harmful: readonly string[] = ['HTTP2-Settings', 'Proxy']

/** The client's own fields that a check may need; where a proxy can choose, it sends no others. */
export const passedOn: readonly string[] = [
  'Authorization',
  'DPoP',
  'Origin',
  'Access-Control-Request-Method',
  'Traceparent',
  'X-Request-Id',
]
