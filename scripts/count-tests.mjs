// Adds up the results that several runs of Vitest left in a folder: `node scripts/count-tests.mjs folder`.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const [folder] = process.argv.slice(2)
const runs = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))

const sum = (of) => runs.reduce((total, run) => total + of(run), 0)
const passed = sum((run) => run.numPassedTests)
// A file that does not even load has no tests of its own, but it is no pass either.
const failed = sum((run) => Math.max(run.numFailedTests, run.success ? 0 : 1))
const skipped = sum((run) => run.numPendingTests + run.numTodoTests)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = passed > 0 && failed === 0 ? 0 : 1
