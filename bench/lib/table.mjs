/** A Markdown table; the first column is text, the others stand to the right. */
export function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map((cell) => String(cell)))
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)))
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n')
}

/** Two decimals below ten, one below a hundred, none above. */
export function number(value) {
  if (value === undefined || Number.isNaN(value)) return '-'
  if (Math.abs(value) < 10) return value.toFixed(2)
  return value.toFixed(Math.abs(value) < 100 ? 1 : 0)
}

export const answer = (reached) => (reached ? 'yes' : '**no**')
