import { machine } from './machine.mjs'

/** RESULTS.md: the machine, the commands, the tables, and what was lost. */
export function report(suites, { date, rounds, quick, suites: named }) {
  const command = [
    'npm run bench --',
    ...named,
    rounds && `--rounds ${rounds}`,
    quick && '--quick',
    '--write',
  ]
  const losses = suites.flatMap((suite) => suite.losses)
  return [
    '# Results',
    'Written by the command below; do not edit. Only ratios count: each is taken within one round of an interleaved run, and the median over the rounds is shown with half the distance between the quartiles (±). Times are CPU time.',
    [
      `- ${machine().join('\n- ')}`,
      date && `- ${date}`,
      `- \`${command.filter(Boolean).join(' ')}\``,
    ]
      .filter(Boolean)
      .join('\n'),
    '## Losses',
    losses.length === 0
      ? 'None in the suites below: every target was reached and no peer was ahead.'
      : losses.map((loss) => `- ${loss}`).join('\n'),
    ...suites.flatMap(({ name, title, text }) => [
      `## ${title}`,
      `\`node bench/run.mjs ${name}\``,
      text,
    ]),
    '',
  ].join('\n\n')
}
