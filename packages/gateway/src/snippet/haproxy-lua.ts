import { banner } from './common.ts'
import { strip } from './haproxy-fields.ts'
import { passedOn } from './strip.ts'
import type { SnippetFile, SnippetParts } from './snippet.ts'

/** With HAProxy's own HTTP client: no library for Lua is needed. */
export const haproxyLua = (parts: SnippetParts): readonly SnippetFile[] => [
  { name: 'haproxy.cfg', text: main(parts) },
  { name: 'portcullis.lua', text: lua(parts) },
]

const main = (parts: SnippetParts): string => `${banner(parts, 'a frontend and a backend')}
# In your section global: lua-load portcullis.lua
frontend portcullis
  mode http
  bind ${parts.listen}
${strip(parts)}
  # Its HTTP client would try for three seconds (2.8 and later: httpclient.retries 0 in your section global).
  http-request return status 503 content-type application/json hdr Retry-After 1 hdr Cache-Control no-store string '{"error":"temporarily_unavailable"}' if { nbsrv(portcullis_checks) lt 1 }
  http-request lua.portcullis
  http-request deny deny_status 503 unless { var(txn.portcullis_ok) -m bool }
  default_backend portcullis_app

backend portcullis_app
  mode http
  server app ${parts.upstream}

backend portcullis_checks
  mode tcp
  server checks ${parts.ask.tcp ?? ''} check inter 250ms fall 1 rise 1
`

const names = (fields: readonly string[]): string =>
  fields.map((name) => `"${name.toLowerCase()}"`).join(', ')

const lua = (parts: SnippetParts): string => `${banner(parts, 'loaded by haproxy.cfg', '--')}
local url = "http://${parts.ask.tcp ?? ''}/check"
local passed_on = { ${names(passedOn)} }
local identity = { ${names(parts.identity)} }
local to_client = { "www-authenticate", "content-type", "cache-control", "retry-after", "dpop-nonce" }

local function unavailable(txn)
  local reply = txn:reply()
  reply:set_status(503)
  reply:add_header("content-type", "application/json")
  reply:add_header("cache-control", "no-store")
  reply:add_header("retry-after", "1")
  reply:set_body('{"error":"temporarily_unavailable"}')
  txn:done(reply)
end

core.register_action("portcullis", { "http-req" }, function(txn)
  txn:set_var("txn.portcullis_ok", false)
  local sent, asked = txn.http:req_get_headers(), {}
  for _, name in ipairs(passed_on) do
    if sent[name] then
      asked[name] = {}
      for i = 0, #sent[name] do table.insert(asked[name], sent[name][i]) end
    end
  end
  asked["x-forwarded-method"] = { txn.sf:method() }
  asked["x-forwarded-uri"] = { txn.sf:url() }
  asked["x-forwarded-host"] = { txn.sf:req_fhdr("host") }
  asked["x-forwarded-proto"] = { txn.f:ssl_fc() == 1 and "https" or "http" }
  local called, answer = pcall(function()
    return core.httpclient():get({ url = url, headers = asked, timeout = ${parts.patience} })
  end)
  local status = called and answer and answer.status or 0
  if status == 200 then
    for _, name in ipairs(identity) do
      txn.http:req_del_header(name)
      if answer.headers[name] then txn.http:req_add_header(name, answer.headers[name][0]) end
    end
    txn:set_var("txn.portcullis_ok", true)
    return
  end
  if status ~= 400 and status ~= 401 and status ~= 403 and status ~= 503 then return unavailable(txn) end
  local reply = txn:reply()
  reply:set_status(status)
  for _, name in ipairs(to_client) do
    if answer.headers[name] then
      for i = 0, #answer.headers[name] do reply:add_header(name, answer.headers[name][i]) end
    end
  end
  reply:set_body(answer.body or "")
  txn:done(reply)
end, 0)
`
