import { parseArgs } from 'node:util'

/** Reads what the person typed; an unknown option ends the run with Node's own message. */
export function readArguments(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      date: { type: 'string' },
      write: { type: 'boolean', default: false },
      'no-build': { type: 'boolean', default: false },
      'peers-only': { type: 'boolean', default: false },
    },
  })
  return {
    suites: positionals,
    rounds: values.rounds === undefined ? undefined : positive(values.rounds),
    quick: values.quick,
    only: values.only?.split(','),
    date: values.date,
    write: values.write,
    build: !values['no-build'],
    peersOnly: values['peers-only'],
  }
}

function positive(text) {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new TypeError('--rounds wants a whole number')
  return number
}
