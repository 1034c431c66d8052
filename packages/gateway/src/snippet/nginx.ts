import { longestToken, longestValue } from '../config/limits.ts'
import { banner, socketOf } from './common.ts'
import { cachePlace, cacheUse, keyScript } from './nginx-cache.ts'
import { passedOn } from './strip.ts'
import type { SnippetParts, SnippetWriter } from './snippet.ts'

/** For nginx with `auth_request` (1.18 or later); a further module only where it keeps answers. */
export const nginx: SnippetWriter = (parts) => [
  { name: 'portcullis.conf', text: text(parts) },
  ...(parts.cache ? [{ name: 'portcullis.js', text: keyScript(parts) }] : []),
]

const text = (parts: SnippetParts): string => `${banner(parts, 'include it inside http { }')}
upstream portcullis { server ${socketOf(parts.ask, 'unix:')}; keepalive 64; }
upstream portcullis_app { server ${parts.upstream}; keepalive 64; }
map $http_upgrade $portcullis_upgrade { default ""; websocket websocket; }
map $http_upgrade $portcullis_connection { default ""; websocket upgrade; }
${parts.cache ? cachePlace : ''}
server {
  listen ${parts.listen};
  underscores_in_headers off;
  # For long names of fields.
  proxy_headers_hash_bucket_size 128;

  location / {
    auth_request /_portcullis;
    auth_request_set $portcullis_status $upstream_http_x_portcullis_status;
    auth_request_set $portcullis_challenge $upstream_http_www_authenticate;
    auth_request_set $portcullis_retry $upstream_http_retry_after;
    auth_request_set $portcullis_nonce $upstream_http_dpop_nonce;
${parts.identity.map(read).join('\n')}
    error_page 401 = @portcullis_401;
    error_page 403 = @portcullis_403;
    error_page 500 = @portcullis_503;
    add_header DPoP-Nonce $portcullis_nonce always;

    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header Upgrade $portcullis_upgrade;
    proxy_set_header Connection $portcullis_connection;
    # An empty value takes the client's own field off.
${forUpstream(parts).map(setField).join('\n')}
    proxy_pass http://portcullis_app;
  }

  location = /_portcullis {
    internal;
    proxy_http_version 1.1;
    proxy_pass_request_headers off;
    proxy_pass_request_body off;
    # Bodies do not come here, but their lengths would be judged once more.
    client_max_body_size 0;
    # For the longest identity; what does not fit is an outage to nginx.
    proxy_buffer_size ${headSize(parts)}k;
    proxy_buffers 4 ${headSize(parts)}k;
    proxy_busy_buffers_size ${2 * headSize(parts)}k;
    # The client's may be missing, and is told below.
    proxy_set_header Host portcullis;
    proxy_set_header Connection "";
    proxy_set_header Content-Length "";
    proxy_set_header Transfer-Encoding "";
    proxy_set_header X-Forwarded-Method $request_method;
    proxy_set_header X-Forwarded-Uri $request_uri;
    proxy_set_header X-Forwarded-Host $host;
    proxy_set_header X-Forwarded-Proto $scheme;
${passedOn.map((name) => setField([name, `$http_${variable(name)}`])).join('\n')}
    proxy_connect_timeout ${parts.patience}ms;
    proxy_send_timeout ${parts.patience}ms;
    proxy_read_timeout ${parts.patience}ms;
    proxy_next_upstream off;
${parts.cache ? cacheUse : ''}    proxy_pass http://portcullis/check;
  }

  # nginx itself adds the challenge to a 401.
  location @portcullis_401 {
    internal;
    default_type application/json;
    add_header Cache-Control no-store always;
    add_header DPoP-Nonce $portcullis_nonce always;
    return 401 '{"error":"unauthorized"}';
  }

  location @portcullis_403 {
    internal;
    default_type application/json;
    add_header Cache-Control no-store always;
    add_header WWW-Authenticate $portcullis_challenge always;
    if ($portcullis_status = 400) { return 400 '{"error":"invalid_request"}'; }
    return 403 '{"error":"forbidden"}';
  }

  location @portcullis_503 {
    internal;
    default_type application/json;
    add_header Cache-Control no-store always;
    add_header Retry-After $portcullis_wait always;
    return 503 '{"error":"temporarily_unavailable"}';
  }
}

map $portcullis_retry $portcullis_wait { "" 1; default $portcullis_retry; }
`

/** Kilobytes for all fields of an identity and 2 KB of others, in the pages of 4 KB that nginx counts in. */
function headSize({ identity, tokenField }: SnippetParts): number {
  const fields = identity.map(
    (name) => name.length + (name === tokenField ? longestToken : longestValue) + overhead,
  )
  return 4 * Math.ceil((2048 + fields.reduce((sum, length) => sum + length, 0)) / 4096)
}

// `Bearer `, and what stands around a value.
const overhead = 16

const variable = (field: string): string => field.toLowerCase().replaceAll('-', '_')

// By number: nginx does not start with long names of variables.
const own = (at: number): string => `$portcullis_identity_${at + 1}`

const read = (field: string, at: number): string =>
  `    auth_request_set ${own(at)} $upstream_http_${variable(field)};`

type Field = readonly [name: string, value: string]

const setField = ([name, value]: Field): string => `    proxy_set_header ${name} ${value};`

/** What the upstream gets instead of what the client sent. */
function forUpstream({ identity, stripped }: SnippetParts): readonly Field[] {
  const ours = identity.map((name, at): Field => [name, own(at)])
  const truth: readonly Field[] = [
    ['X-Forwarded-For', '$remote_addr'],
    ['X-Forwarded-Host', '$host'],
    ['X-Forwarded-Proto', '$scheme'],
  ]
  const set = new Set([...ours, ...truth].map(([name]) => name.toLowerCase()))
  const cleared = stripped.filter((name) => !set.has(name.toLowerCase()))
  return [...ours, ...truth, ...cleared.map((name): Field => [name, '""'])]
}
