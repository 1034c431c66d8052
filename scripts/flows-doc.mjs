// Writes docs/flows.md from the tables of the built package; with `--check` it only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { chooseFlow } from '../packages/okta/dist/flows/choose.js'
import { contradictions } from '../packages/okta/dist/flows/contradictions.js'
import { questions } from '../packages/okta/dist/flows/questions.js'
import { rows } from '../packages/okta/dist/flows/table.js'
import { flowsPage } from './lib/flows-page.mjs'
import { formatted } from './lib/formatted.mjs'

const file = 'docs/flows.md'

const wanted = formatted(file, flowsPage({ questions, rows, contradictions, chooseFlow }))
const found = existsSync(file) ? readFileSync(file, 'utf8') : undefined
if (!process.argv.includes('--check')) {
  writeFileSync(file, wanted)
} else if (found !== wanted) {
  console.error(`${file} is stale: run \`npm run flows\` and commit the result.`)
  process.exitCode = 1
}
