// Writes docs/errors.md from the table of the built core; with `--check` it only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { outages, refusals } from '../packages/core/dist/errors/table.js'
import { formatted } from './lib/formatted.mjs'

const file = 'docs/errors.md'

const refusalRow = ([code, { status, error, sentence }]) =>
  `| \`${code}\` | ${status} | ${error ? `\`${error}\`` : 'none'} | ${sentence} |`

const outageRow = ([code, sentence]) => `| \`${code}\` | ${sentence} |`

const page = `# Errors

<!-- Made by \`npm run errors\` from packages/core/src/errors/table.ts; edit that file. -->

Portcullis knows three kinds of failure. Their \`code\` is stable: it may stand in your code, dashboards and alerts.

- \`Refusal\`: the client's fault. Its \`status\` and \`WWW-Authenticate\` go to the client; \`code\`, \`reason\` and \`trail\` are for your logs.
- \`Outage\`: somebody else's failure. Always a 503 with \`Retry-After\`, never a 401.
- \`ConfigurationError\`: yours. Thrown where the options are given, with the code \`configuration_invalid\`.

## Refusals

The third column is the \`error\` of the challenge (RFC 6750 §3.1, RFC 9470 §3); where it says none, the RFC wants none.

| Code | Status | \`error\` | What happened |
| --- | --- | --- | --- |
${Object.entries(refusals).map(refusalRow).join('\n')}

## Outages

| Code | What happened |
| --- | --- |
${Object.entries(outages).map(outageRow).join('\n')}
`

const wanted = formatted(file, page)
const found = existsSync(file) ? readFileSync(file, 'utf8') : undefined
if (!process.argv.includes('--check')) {
  writeFileSync(file, wanted)
} else if (found !== wanted) {
  console.error(`${file} is stale: run \`npm run errors\` and commit the result.`)
  process.exitCode = 1
}
