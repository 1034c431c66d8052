import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { chooseFlow, type FlowAnswers } from '@portcullis/okta'
import { ConfigurationError } from '@portcullis/core'
import { contradictions } from '../../packages/okta/src/flows/contradictions.ts'
import { questions } from '../../packages/okta/src/flows/questions.ts'
import { rows } from '../../packages/okta/src/flows/table.ts'
import { createTree, toMermaid } from '../../scripts/lib/decision-tree.mjs'
import { flowsPage } from '../../scripts/lib/flows-page.mjs'
import { formatted } from '../../scripts/lib/formatted.mjs'
import { compileModules } from '../support/compile-modules.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs', 'flows.md'), 'utf8')

/** Each example of the table, with whatever changes its code. */
const variants = (example: FlowAnswers): FlowAnswers[] =>
  [true, false].flatMap((confidential) =>
    [true, false].flatMap((longRunning) =>
      [true, false].flatMap((identify) =>
        (['none', 'own', 'okta'] as const).flatMap((api) =>
          [example.application, 'native' as const].map((application) => ({
            ...example,
            application,
            confidential,
            longRunning,
            identify,
            api,
          })),
        ),
      ),
    ),
  )

const codeOf = (answers: FlowAnswers): string | undefined => {
  try {
    return chooseFlow(answers).code
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined
    throw error
  }
}

describe('docs/flows.md', () => {
  it('is what the tables make', () => {
    const made = formatted(
      'docs/flows.md',
      flowsPage({ questions, rows, contradictions, chooseFlow }),
    )
    expect(page).toBe(made)
  })

  it.each(rows.map(({ title, example }) => [title, example] as const))(
    'shows the code of %s as the chooser gives it',
    (_title, example) => {
      expect(page).toContain(`\`\`\`ts\n${chooseFlow(example).code}\`\`\``)
    },
  )
})

describe('the code to start from', () => {
  const folder = join(root, 'node_modules', '.cache', `portcullis-flows-${process.pid}`)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const codes = [...new Set(rows.flatMap(({ example }) => variants(example).map(codeOf)))].filter(
    (code) => code !== undefined,
  )

  it('compiles for every server, client and scope', async () => {
    expect(codes.length).toBeGreaterThan(100)
    const modules = new Map(codes.map((code, index) => [`flow-${index}`, code]))
    expect(await compileModules(folder, modules)).toBe('')
  })

  it('is formatted as everything else is', () => {
    const text = codes.map((code) => `\`\`\`ts\n${code}\`\`\`\n`).join('\n')
    expect(formatted('flows.md', text)).toBe(text)
  })
})

describe('the drawn tree', () => {
  const tree = createTree({ rows, questions, contradictions })
  interface Node {
    readonly row?: (typeof rows)[number]
    readonly question?: keyof typeof questions
    readonly branches?: readonly { readonly values: readonly unknown[]; readonly node: Node }[]
  }
  const walk = (node: Node, answers: ReadonlyMap<string, unknown>): (typeof rows)[number] => {
    if (node.row !== undefined) return node.row
    const value = answers.get(node.question ?? '')
    const branch = node.branches?.find(({ values }) => values.includes(value))
    if (branch === undefined) throw new Error(`No way on at ${node.question} with ${String(value)}`)
    return walk(branch.node, answers)
  }

  it.each(rows.map((row) => [row.title, row] as const))('leads to %s', (_title, row) => {
    const known: Record<string, unknown> = { ...row.example }
    for (const [name, { defaults }] of Object.entries(questions)) {
      const usual = defaults.find(({ when = {} }) =>
        Object.entries(when).every(([of, values]) => values.some((value) => value === known[of])),
      )
      known[name] ??= usual?.value
    }
    expect(walk(tree, new Map(Object.entries(known)))).toBe(row)
  })

  it('names every row once', () => {
    const labelOf = ({ title }: { readonly title: string }) => title
    const drawing: string = toMermaid(tree, { questions, labelOf })
    const leaves = [...drawing.matchAll(/\(\["(.*?)"\]\)$/gm)].map(([, label]) => label)
    const titles = rows.map(({ title }) => title.replaceAll('`', ''))
    expect(leaves).toHaveLength(titles.length)
    expect(new Set(leaves)).toEqual(new Set(titles))
  })

  it('has no label that ends early', () => {
    const drawing: string = toMermaid(
      { row: { title: 'a "b" `c`' } },
      { questions, labelOf: ({ title }: { readonly title: string }) => title },
    )
    expect(drawing).toBe('flowchart TD\n  n1(["a &quot;b&quot; c"])')
  })
})
