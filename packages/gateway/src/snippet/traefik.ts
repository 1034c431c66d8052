import { stringify } from 'yaml'
import { banner } from './common.ts'
import { passedOn } from './strip.ts'
import type { SnippetParts, SnippetWriter } from './snippet.ts'

/** For Traefik 3.7.12 or later: the static configuration and the dynamic one. */
export const traefik: SnippetWriter = (parts) => [
  {
    name: 'traefik.yaml',
    text: `${banner(parts, 'the static configuration, to be merged into your own')}\n${stringify(fixed(parts))}`,
  },
  {
    name: 'portcullis.yaml',
    text: `${banner(parts, 'a file of the file provider')}\n${stringify(dynamic(parts))}`,
  },
]

const fixed = ({ listen }: SnippetParts): object => ({
  entryPoints: {
    // Names with other signs in the place of the dashes are the same field to many upstreams.
    web: { address: listen, http: { aliasHeadersStrategy: 'delete' } },
  },
  providers: { file: { filename: 'portcullis.yaml' } },
})

const dynamic = ({ ask, upstream, identity, stripped }: SnippetParts): object => ({
  http: {
    routers: {
      portcullis: {
        rule: 'PathPrefix(`/`)',
        entryPoints: ['web'],
        middlewares: ['portcullis-strip', 'portcullis-check'],
        service: 'portcullis-app',
      },
      'portcullis-websocket': {
        rule: 'PathPrefix(`/`) && HeaderRegexp(`Upgrade`, `(?i)^websocket$`)',
        entryPoints: ['web'],
        middlewares: ['portcullis-strip', 'portcullis-upgrade', 'portcullis-check'],
        service: 'portcullis-app',
      },
    },
    middlewares: {
      // An empty value takes a field off.
      'portcullis-strip': {
        headers: {
          customRequestHeaders: Object.fromEntries(
            ['Upgrade', ...stripped].map((name) => [name, '']),
          ),
        },
      },
      // The one protocol that may be spoken past the check.
      'portcullis-upgrade': { headers: { customRequestHeaders: { Upgrade: 'websocket' } } },
      'portcullis-check': {
        forwardAuth: {
          address: `http://${ask.tcp ?? ''}/check`,
          trustForwardHeader: false,
          authRequestHeaders: passedOn,
          authResponseHeaders: identity,
          maxResponseBodySize: 4096,
        },
      },
    },
    services: {
      'portcullis-app': { loadBalancer: { servers: [{ url: `http://${upstream}` }] } },
    },
  },
})
