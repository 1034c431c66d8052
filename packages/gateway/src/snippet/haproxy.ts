import { banner, socketOf } from './common.ts'
import { strip } from './haproxy-fields.ts'
import { haproxyLua } from './haproxy-lua.ts'
import type { SnippetFile, SnippetParts, SnippetWriter } from './snippet.ts'

/** For HAProxy 2.6 or later: over SPOE where there is such a listener, else with its own HTTP client in Lua. */
export const haproxy: SnippetWriter = (parts) =>
  parts.ask.dialect === 'spoe' ? overSpoe(parts) : haproxyLua(parts)

const overSpoe = (parts: SnippetParts): readonly SnippetFile[] => [
  { name: 'haproxy.cfg', text: main(parts) },
  { name: 'portcullis-spoe.conf', text: engine(parts) },
]

const main = (parts: SnippetParts): string => `${banner(parts, 'a frontend and two backends')}
frontend portcullis
  mode http
  bind ${parts.listen}
  filter spoe engine portcullis config portcullis-spoe.conf
${strip(parts)}
  # No answer is no permission.
  http-request return status 503 content-type application/json hdr Retry-After 1 hdr Cache-Control no-store string '{"error":"temporarily_unavailable"}' if !{ var(txn.portcullis.status) -m found }
  http-request return status 400 content-type application/json hdr WWW-Authenticate %[var(txn.portcullis.challenge)] hdr Cache-Control no-store string '{"error":"invalid_request"}' if { var(txn.portcullis.status) -m int 400 }
  http-request return status 401 content-type application/json hdr WWW-Authenticate %[var(txn.portcullis.challenge)] hdr Cache-Control no-store string '{"error":"unauthorized"}' if { var(txn.portcullis.status) -m int 401 }
  http-request return status 403 content-type application/json hdr WWW-Authenticate %[var(txn.portcullis.challenge)] hdr Cache-Control no-store string '{"error":"forbidden"}' if { var(txn.portcullis.status) -m int 403 } { var(txn.portcullis.challenge) -m len gt 0 }
  http-request return status 403 content-type application/json hdr Cache-Control no-store string '{"error":"forbidden"}' if { var(txn.portcullis.status) -m int 403 }
  http-request return status 503 content-type application/json hdr Retry-After %[var(txn.portcullis.retry)] hdr Cache-Control no-store string '{"error":"temporarily_unavailable"}' if { var(txn.portcullis.status) -m int 503 }
  http-request deny deny_status 503 unless { var(txn.portcullis.status) -m int 200 }
${parts.identity.map(hand).join('\n')}
  default_backend portcullis_app

backend portcullis_app
  mode http
  server app ${parts.upstream}

backend portcullis_agents
  mode tcp
  timeout connect 250ms
  timeout server 60s
  server agent ${socketOf(parts.ask, 'unix@')}
`

const hand = (field: string): string => {
  const variable = `txn.portcullis.${field.toLowerCase().replaceAll('-', '_')}`
  return `  http-request set-header ${field} %[var(${variable})]`
}

const engine = (
  parts: SnippetParts,
): string => `${banner(parts, 'the engine that haproxy.cfg names')}
[portcullis]
spoe-agent portcullis
  messages check
  option var-prefix portcullis
  timeout hello 500ms
  timeout idle 30s
  timeout processing ${parts.patience}ms
  use-backend portcullis_agents

spoe-message check
  args method=method uri=url host=req.fhdr(host) scheme=str(http) ssl=ssl_fc auth=req.fhdr(authorization) auth_count=req.fhdr_cnt(authorization) dpop=req.fhdr(dpop) dpop_count=req.fhdr_cnt(dpop) origin=req.fhdr(origin) acrm=req.fhdr(access-control-request-method) traceparent=req.fhdr(traceparent),bytes(0,64) x_request_id=req.fhdr(x-request-id),bytes(0,128)
  event on-frontend-http-request
`
