import { main } from './cli/main.ts'

process.exitCode = await main(process.argv.slice(2))
// What is left open belongs to nobody any more, but what was written is to arrive.
process.stdout.write('', () => process.exit())
