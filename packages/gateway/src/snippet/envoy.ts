import { stringify } from 'yaml'
import type { ListenerConfig } from '../config/config.ts'
import { banner, hostAndPort } from './common.ts'
import { passedOn } from './strip.ts'
import type { SnippetParts, SnippetWriter } from './snippet.ts'

/** For Envoy 1.36 or later: a whole bootstrap, over gRPC where there is such a listener, else over HTTP. */
export const envoy: SnippetWriter = (parts) => [
  {
    name: 'envoy.yaml',
    text: `${banner(parts, 'a bootstrap, to be merged into your own')}\n${stringify(bootstrap(parts))}`,
  },
]

const type = (name: string): string => `type.googleapis.com/${name}`

const bootstrap = (parts: SnippetParts): object => ({
  static_resources: {
    listeners: [
      {
        name: 'portcullis',
        address: addressOf({ tcp: parts.listen }),
        filter_chains: [{ filters: [connectionManager(parts)] }],
      },
    ],
    clusters: [authorizers(parts.ask), cluster('portcullis_app', { tcp: parts.upstream })],
  },
})

const connectionManager = (parts: SnippetParts): object => ({
  name: 'envoy.filters.network.http_connection_manager',
  typed_config: {
    '@type': type(
      'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    ),
    stat_prefix: 'portcullis',
    use_remote_address: true,
    common_http_protocol_options: { headers_with_underscores_action: 'DROP_HEADER' },
    upgrade_configs: [{ upgrade_type: 'websocket' }],
    // Before any filter: what a client says in our name is gone when the answer is written.
    early_header_mutation_extensions: [
      {
        name: 'envoy.http.early_header_mutation.header_mutation',
        typed_config: {
          '@type': type(
            'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
          ),
          mutations: [
            ...parts.stripped.map((name) => ({ remove: name.toLowerCase() })),
            { remove_on_match: { key_matcher: { safe_regex: { regex: otherSigns } } } },
          ],
        },
      },
    ],
    local_reply_config: { mappers: [whenUnanswered] },
    route_config: {
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [{ match: { prefix: '/' }, route: { cluster: 'portcullis_app' } }],
        },
      ],
    },
    http_filters: [
      { name: 'envoy.filters.http.ext_authz', typed_config: extAuthz(parts) },
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': type('envoy.extensions.filters.http.router.v3.Router') },
      },
    ],
  },
})

// Many upstreams take such a name for the one with dashes. The colon is that of Envoy's own fields.
const otherSigns = '.*[^-:a-z0-9].*'

// UAEX: the check failed or did not answer. A refusal has the same flag, and keeps its status and body.
const whenUnanswered = {
  filter: {
    and_filter: {
      filters: [
        { response_flag_filter: { flags: ['UAEX'] } },
        {
          status_code_filter: {
            comparison: { op: 'EQ', value: { default_value: 503, runtime_key: 'portcullis' } },
          },
        },
      ],
    },
  },
  headers_to_add: [
    {
      header: { key: 'retry-after', value: '1' },
      append_action: 'ADD_IF_ABSENT',
    },
    {
      header: { key: 'cache-control', value: 'no-store' },
      append_action: 'ADD_IF_ABSENT',
    },
  ],
}

const extAuthz = (parts: SnippetParts): object => ({
  '@type': type('envoy.extensions.filters.http.ext_authz.v3.ExtAuthz'),
  transport_api_version: 'V3',
  failure_mode_allow: false,
  status_on_error: { code: 'ServiceUnavailable' },
  allowed_headers: patterns([...passedOn, 'X-Forwarded-Proto']),
  ...(parts.ask.dialect === 'envoy-grpc' ? overGrpc(parts) : overHttp(parts)),
})

const overGrpc = ({ patience }: SnippetParts): object => ({
  encode_raw_headers: true,
  include_peer_certificate: true,
  grpc_service: { envoy_grpc: { cluster_name: 'portcullis' }, timeout: `${patience / 1000}s` },
})

const overHttp = ({ ask, identity, patience }: SnippetParts): object => ({
  http_service: {
    server_uri: {
      uri: 'http://portcullis',
      cluster: 'portcullis',
      timeout: `${patience / 1000}s`,
    },
    ...(ask.pathPrefix && { path_prefix: ask.pathPrefix }),
    // A list without a name is none to Envoy.
    ...(identity.length > 0 && {
      authorization_response: { allowed_upstream_headers: patterns(identity) },
    }),
  },
})

const patterns = (names: readonly string[]): object => ({
  patterns: names.map((name) => ({ exact: name.toLowerCase(), ignore_case: true })),
})

const authorizers = (ask: ListenerConfig): object => ({
  ...cluster('portcullis', ask),
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': type('envoy.extensions.upstreams.http.v3.HttpProtocolOptions'),
      ...(ask.dialect === 'envoy-grpc' ? http2 : http1),
    },
  },
})

const http2 = { explicit_http_config: { http2_protocol_options: {} } }

// Envoy would keep connections for an hour, and a question that meets our end of one (after 75 seconds) is lost.
const http1 = {
  common_http_protocol_options: { idle_timeout: '60s' },
  explicit_http_config: { http_protocol_options: {} },
}

type Place = Pick<ListenerConfig, 'tcp' | 'unix'>

const cluster = (name: string, place: Place): object => ({
  name,
  type: 'STATIC',
  connect_timeout: '0.25s',
  load_assignment: {
    cluster_name: name,
    endpoints: [{ lb_endpoints: [{ endpoint: { address: addressOf(place) } }] }],
  },
})

function addressOf({ tcp = '', unix }: Place): object {
  if (unix !== undefined) return { pipe: { path: unix } }
  const [address, port] = hostAndPort(tcp)
  return { socket_address: { address, port_value: Number(port) } }
}
