/**
 * Fields with which gateways describe a request to a service behind them. A client that sends one speaks
 * in the gateway's name: they are taken off before ours are set.
 */
export const descriptions: readonly string[] = [
  'Forwarded',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Method',
  'X-Forwarded-Port',
  'X-Forwarded-Proto',
  'X-Forwarded-Uri',
  'X-Original-Method',
  'X-Original-URI',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Auth-Request-Redirect',
]

/** Fields that no upstream should get from a client: one opens another protocol, one a proxy of scripts. */
export const harmful: readonly string[] = ['HTTP2-Settings', 'Proxy']

/** The client's own fields that a check may need; where a gateway can choose, it sends no others. */
export const passedOn: readonly string[] = [
  'Authorization',
  'DPoP',
  'Origin',
  'Access-Control-Request-Method',
  'Traceparent',
  'X-Request-Id',
]
