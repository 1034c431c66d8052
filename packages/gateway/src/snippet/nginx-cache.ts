import { banner } from './common.ts'
import type { SnippetParts } from './snippet.ts'

/** Beside the servers: where answers lie, and what they lie under. */
export const cachePlace = `
# Needs the module ngx_http_js_module (Debian: libnginx-mod-http-js), and portcullis.js beside nginx.conf.
js_import portcullis from portcullis.js;
js_set $portcullis_key portcullis.key;
# In memory: a kept answer holds the internal token, which is good for a minute.
proxy_cache_path /run/portcullis-nginx levels=1 keys_zone=portcullis:10m max_size=32m inactive=20s use_temp_path=off;
`

/** In the location that asks: only the gateway says what may be kept, and for how long. */
export const cacheUse = `    proxy_cache portcullis;
    proxy_cache_key $portcullis_key;
    proxy_cache_use_stale off;
    proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;
    # A proof of possession is good once.
    proxy_cache_bypass $http_dpop;
    proxy_no_cache $http_dpop;
`

// A module of nginx's, that is none of this package's.
const hashes = "'crypto'"

/** A key that says nothing: nginx writes it into the file of the answer. */
export const keyScript = (
  parts: SnippetParts,
): string => `${banner(parts, 'portcullis.conf imports it', '//')}
var crypto = require(${hashes})

function key(r) {
  var target = r.variables.request_uri
  var mark = target.indexOf('?')
  var query = mark < 0 ? '' : target.slice(mark + 1)
  var hash = crypto.createHash('sha256')
  var seen = [
    r.variables.request_method,
    r.variables.host,
    mark < 0 ? target : target.slice(0, mark),
    // Queries decide nothing, but one with such letters is refused.
    /^[!"$-~]*$/.test(query) ? '' : query,
    r.headersIn.Authorization || '',
    r.variables.scheme,
  ]
  seen.forEach(function (part) {
    hash.update(part.length + ':' + part)
  })
  return hash.digest('base64url')
}

export default { key }
`
