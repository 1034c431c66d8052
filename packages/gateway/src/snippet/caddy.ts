import { banner, hostAndPort, socketOf } from './common.ts'
import { signs } from './strip.ts'
import type { SnippetParts, SnippetWriter } from './snippet.ts'

/** For Caddy 2.6 or later. */
export const caddy: SnippetWriter = (parts) => [{ name: 'Caddyfile', text: text(parts) }]

const text = (parts: SnippetParts): string => `${banner(parts, 'a site of a Caddyfile')}
http://:${hostAndPort(parts.listen)[1]} {
	bind ${hostAndPort(parts.listen)[0]}
	# route keeps this order: outside it the fields would be taken off after they are set.
	route {
		@websocket {
			header Connection *pgrade*
			header_regexp Upgrade (?i)^websocket$
		}
		@plain not {
			header Connection *pgrade*
			header_regexp Upgrade (?i)^websocket$
		}
		# A client's Connection field must not name fields that are set here, and no other protocol may be
		# spoken past the check.
		request_header @websocket Connection Upgrade
		request_header @websocket Upgrade websocket
		request_header @plain -Connection
		request_header @plain -Upgrade
		# Many upstreams take a name with any of these for the one with dashes.
${Array.from(signs, (sign) => `\t\trequest_header -*${sign}*`).join('\n')}
${[...parts.stripped, 'X-Forwarded-*', 'X-Original-*'].map((name) => `\t\trequest_header -${name}`).join('\n')}
		forward_auth ${socketOf(parts.ask, 'unix/')} {
			# With a query of its own, so that the client's is not added.
			uri /check?by=caddy
			header_up -If-None-Match
			header_up -If-Modified-Since
			header_up -Content-Length
			header_up -Transfer-Encoding
${parts.identity.length === 0 ? '' : `\t\t\tcopy_headers ${parts.identity.join(' ')}\n`}			transport http {
				dial_timeout ${parts.patience}ms
				response_header_timeout ${parts.patience}ms
			}
		}
		reverse_proxy ${parts.upstream}
	}
	handle_errors {
		header Content-Type application/json
		header Cache-Control no-store
		header Retry-After 1
		respond \`{"error":"temporarily_unavailable"}\` 503
	}
}
`
