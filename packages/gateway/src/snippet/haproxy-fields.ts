import type { SnippetParts } from './snippet.ts'

/** Takes off what a client says in our name, also with other signs in the place of the dashes. */
export const strip = ({ stripped }: SnippetParts): string =>
  [
    '  http-request del-header upgrade unless { hdr(upgrade) -i websocket }',
    // Of several protocols that a client would take, the upstream is told this one.
    '  http-request set-header upgrade websocket if { hdr(upgrade) -m found }',
    '  http-request del-header connection unless { hdr(upgrade) -m found }',
    '  http-request set-header connection upgrade if { hdr(upgrade) -m found }',
    '  http-request del-header [^a-zA-Z0-9-] -m reg',
    ...stripped.map((name) => `  http-request del-header ${name}`),
  ].join('\n')
