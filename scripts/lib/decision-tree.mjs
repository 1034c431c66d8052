/**
 * Makes a decision tree of an ordered decision table: the rows as `{ when }`, the questions as
 * `{ answers }` by name, and the contradictions, whose branches are left out. A node is a `row`, or a
 * `question` with branches; answers with the same consequence share one.
 */
export const createTree = ({ rows, questions, contradictions }) => {
  const grow = (known, open) => {
    const left = open.filter(({ when }) => isPossible(when, known))
    const [first] = left
    if (first === undefined) return undefined
    const question = Object.keys(first.when).find((name) => !(name in known))
    if (question === undefined) return { row: first }
    const branches = []
    for (const [value] of questions[question].answers) {
      const now = { ...known, [question]: value }
      if (contradictions.some(({ when }) => isCertain(when, now))) continue
      const node = grow(now, left)
      if (node === undefined) continue
      const same = branches.find((branch) => isSame(branch.node, node))
      if (same === undefined) branches.push({ values: [value], node })
      else same.values.push(value)
    }
    return branches.length === 1 ? branches[0].node : { question, branches }
  }
  return grow({}, rows)
}

const isPossible = (when, known) =>
  Object.entries(when).every(([name, values]) => !(name in known) || values.includes(known[name]))

const isCertain = (when, known) =>
  Object.entries(when).every(([name, values]) => name in known && values.includes(known[name]))

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other)

/** A tree as a Mermaid flowchart, where what is the same is drawn once; `labelOf` gives the words of a leaf. */
export const toMermaid = (tree, { questions, labelOf }) => {
  const lines = ['flowchart TD']
  const drawn = new Map()
  const draw = (node) => {
    const name = JSON.stringify(node)
    const known = drawn.get(name)
    if (known !== undefined) return known
    const id = `n${drawn.size + 1}`
    drawn.set(name, id)
    if (node.row !== undefined) {
      lines.push(`  ${id}(["${text(labelOf(node.row))}"])`)
      return id
    }
    const { asks, answers } = questions[node.question]
    lines.push(`  ${id}{"${text(asks)}"}`)
    for (const { values, node: next } of node.branches) {
      const words = answers.filter(([value]) => values.includes(value)).map(([, means]) => means)
      lines.push(`  ${id} -->|"${text(words.join(', or '))}"| ${draw(next)}`)
    }
    return id
  }
  draw(tree)
  return lines.join('\n')
}

// What would end a label, or begin markup in it.
const text = (words) => words.replaceAll('`', '').replaceAll('"', '&quot;')
