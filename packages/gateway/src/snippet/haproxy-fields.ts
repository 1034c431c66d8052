import type { SnippetParts } from './snippet.ts'

/** Takes off what a client says in our name; underscores are dashes to many upstreams. */
export const strip = ({ stripped }: SnippetParts): string =>
  [
    '  http-request del-header upgrade unless { hdr(upgrade) -i websocket }',
    // Of several protocols that a client would take, the upstream is told this one.
    '  http-request set-header upgrade websocket if { hdr(upgrade) -m found }',
    '  http-request del-header connection unless { hdr(upgrade) -m found }',
    '  http-request set-header connection upgrade if { hdr(upgrade) -m found }',
    '  http-request del-header _ -m sub',
    ...stripped.map((name) => `  http-request del-header ${name}`),
  ].join('\n')
