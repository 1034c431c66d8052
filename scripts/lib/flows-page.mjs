import { createTree, toMermaid } from './decision-tree.mjs'

const tick = (text) => `\`${text}\``
const list = (items, none = 'none') => (items.length === 0 ? none : items.map(tick).join(', '))
const literal = (value) => (typeof value === 'string' ? `'${value}'` : String(value))
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

const condition = (when) =>
  Object.entries(when)
    .map(([name, values]) => `${tick(name)} ${values.map((value) => tick(value)).join(' or ')}`)
    .join(', ')

const defaultOf = ({ defaults }) =>
  defaults.length === 0
    ? 'must be answered'
    : defaults
        .map(({ when, value }) => tick(value) + (when ? ` where ${condition(when)}` : ''))
        .join('; otherwise ')

const server = {
  org: 'org',
  custom: 'custom',
  'as-before': 'the one that gave the refresh token',
}

const call = (answers) =>
  `chooseFlow({ ${Object.entries(answers)
    .map(([name, value]) => `${name}: ${literal(value)}`)
    .join(', ')} })`

const former = ({ formerly }) =>
  formerly.length === 0
    ? 'none'
    : [...new Set(formerly.map(({ flow }) => flow))]
        .map((flow) => {
          const where = formerly.filter((one) => one.flow === flow)
          return `${flow} (${where.map(({ document }) => document).join('; ')})`
        })
        .join(', ')

/** The answers of RFC 9700, and what is done about them here. */
const practice = [
  [
    'Implicit flow, any access token in the front channel (§2.1.2)',
    'SHOULD NOT be used',
    '`createLogin` takes such response types only with `legacyAccessTokenInBrowser`; `chooseFlow` names the flow only with `legacy`',
  ],
  [
    'Password grant (§2.4)',
    'MUST NOT be used',
    '`createClient` has it only with `legacyPasswordGrant`; `chooseFlow` names it only with `legacy`',
  ],
  [
    'PKCE (§2.1.1)',
    'public clients MUST, others SHOULD use it',
    'always, with S256; cannot be switched off',
  ],
  [
    'Redirect URIs (§2.1)',
    'compared exactly',
    'made of `baseUrl`, never of the request; avoid the wildcards that Okta offers',
  ],
  [
    'Refresh tokens of public clients (§2.2.2)',
    'MUST be bound to a key or rotated',
    'each new one takes the place of the old; switch rotation on at Okta',
  ],
  [
    'Access tokens (§2.3)',
    'SHOULD be for one audience, with few scopes',
    'a guard wants an audience; one custom server for each',
  ],
  ['Client authentication (§2.5)', 'asymmetric is RECOMMENDED', '`privateKeyJwt`'],
  [
    'Mix-up (§4.4)',
    '`iss` in the answer, or a redirect URI for each issuer',
    'Okta sends no `iss`: give each login a callback of its own',
  ],
  ['CSRF (§4.7)', 'PKCE, `nonce`, or `state` bound to the browser', 'all three, always'],
]

const proof = ({ clientAuthentication }) =>
  clientAuthentication.map((one) => (one === 'as-before' ? 'as before' : tick(one))).join(', or ')

const points = (items) => items.map(([name, value]) => `- ${name}: ${value}`).join('\n')

const entry = ({ example }, choice) => `### ${choice.row}. ${choice.title}

${choice.reasons.join(' ')}

${points([
  ['Answers', tick(call(example))],
  ['Authorization server', server[choice.server]],
  ['Client authentication', proof(choice)],
  ['Grants to register', list(choice.grants)],
  ['Tokens', list(choice.tokens)],
  ['Scopes', list(choice.scopes)],
  ['Older documents', former(choice)],
])}

${choice.warnings.map(({ source, text }) => `> **${source}**: ${text}`).join('\n>\n')}

\`\`\`ts
${choice.code}\`\`\`
`

/** docs/flows.md, from the tables of `packages/okta/src/flows`, before it is formatted. */
export const flowsPage = ({ questions, rows, contradictions, chooseFlow }) => {
  const chosen = rows.map((row) => [row, chooseFlow(row.example)])
  const tree = createTree({ rows, questions, contradictions })
  const labelOf = ({ number, title }) => `${number}. ${title}`
  const anchor = ({ row, title }) =>
    `${row} ${title}`
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-')
  return `# Flows

<!-- Made by \`npm run flows\` from packages/okta/src/flows; edit the tables there. -->

Which flow an application at Okta should use. \`chooseFlow\` of \`@portcullis/okta\` answers from the same tables; [choosing a flow](guide/choosing-a-flow.md) says how to ask it.

## The tree

\`\`\`mermaid
${toMermaid(tree, { questions, labelOf })}
\`\`\`

## The table

The first row whose condition holds is the answer. The numbers are names; the order is that of the rows.

${table(
  ['No.', 'Flow', 'Where', 'Tokens it can give', 'Older documents'],
  chosen.map(([row, choice]) => [
    row.number,
    `[${row.title}](#${anchor(choice)})`,
    condition(row.when),
    list(row.tokens),
    [...new Set(choice.formerly.map(({ flow }) => flow))].join(', ') || 'none',
  ]),
)}

## The questions

${table(
  ['Question', 'Asks', 'Answers', 'Default'],
  Object.entries(questions).map(([name, question]) => [
    tick(name),
    question.asks,
    question.answers
      .map(([value, means]) =>
        typeof value === 'boolean' ? tick(value) : `${tick(value)}: ${means}`,
      )
      .join('; '),
    defaultOf(question),
  ]),
)}

## Answers that exclude each other

Each is a \`ConfigurationError\` that names the question in the first column.

${table(
  ['Question', 'Where', 'Why'],
  contradictions.map(({ question, when, because }) => [
    tick(question),
    condition(when),
    `${tick(question)} ${because}`,
  ]),
)}

## What RFC 9700 asks for

${table(['Topic', 'RFC 9700', 'Here'], practice)}

## The flows

${chosen.map(([row, choice]) => entry(row, choice)).join('\n')}`
}
