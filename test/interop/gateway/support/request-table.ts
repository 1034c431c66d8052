import { caseHost, caseRoutes } from '../../../support/gateway-cases.ts'
import { sentCases, type SentCase } from './request-cases.ts'
import type { Outcome } from './sent.ts'

/** What one gateway did, in the words of the page; row by row. */
export type Column = readonly string[]

/** A word or two: a status, and the target that arrived where it is another one. */
export function wordOf({ request }: SentCase, { status, arrived }: Outcome): string {
  if (status === 0) return 'closed'
  const [arrival] = arrived
  const sent = request.target ?? '/orders/1'
  if (status !== 200 || request.text !== undefined || arrival?.target === sent)
    return String(status)
  return arrival === undefined ? '200, by itself' : `200, as ${code(arrival.target)}`
}

/** The second half of the page. */
export function requestTable(names: readonly string[], columns: readonly Column[]): string {
  const rows = sentCases.map((sent, at) => ({
    sent,
    found: columns.map((column) => column[at] ?? ''),
  }))
  const isAgreed = ({ sent, found }: (typeof rows)[number]): boolean =>
    found.every((word) => word === String(sent.status))
  const agreed = rows.filter(isAgreed)
  const other = rows.filter((row) => !isAgreed(row))
  return `## What they make of ${sentCases.length} requests

Routes are ${caseRoutes.length}: some paths for everybody, some for scopes, some on hosts of their own (\`test/support/gateway-cases.ts\`). The host is \`${caseHost}\` where the request does not say another, and the token has the scopes that the case needs. Whatever arrives at the upstream is asked about once more, exactly as it arrived: that no request passes as one thing and arrives as another is what \`requests.test.ts\` holds, and it holds for every cell below.

${other.length} requests where gateways differ, because one of them refuses or cleans a request before it asks. "as" names the target that was asked for and arrived:

| Request | Line | Right | ${names.join(' | ')} |
| --- | --- | --- | ${names.map(() => '---').join(' | ')} |
${other.map(({ sent, found }) => `| ${sent.name} | ${lineOf(sent)} | ${sent.status} | ${found.join(' | ')} |`).join('\n')}

${agreed.length} requests on which all agree:

| Request | Line | Status |
| --- | --- | --- |
${agreed.map(({ sent }) => `| ${sent.name} | ${lineOf(sent)} | ${sent.status} |`).join('\n')}
`
}

/** The column of a gateway as an earlier page has it, for machines that do not have that gateway. */
export function columnOf(page: string, name: string): Column {
  const rows = page.split('\n').map((line) => line.split(' | '))
  const head = rows.find((cells) => cells[2] === 'Right') ?? []
  const at = head.map((cell) => cell.replace(/ \|$/, '')).indexOf(name)
  return sentCases.map(({ name: wanted, status }) => {
    const row = rows.find((cells) => cells[0] === `| ${wanted}` && cells.length === head.length)
    return row?.[at]?.replace(/ \|$/, '') ?? String(status)
  })
}

function lineOf({ request }: SentCase): string {
  const { text, method = 'GET', target = '/orders/1', host = caseHost } = request
  if (text !== undefined) return code(text.split('\r\n')[0] ?? '')
  return code(`${method} ${host === caseHost ? '' : `${host} `}${target}`)
}

const code = (text: string): string => {
  const short = text.length > 60 ? `${text.slice(0, 40)}…` : text
  const safe = Array.from(short, (letter) =>
    letter < ' ' || '\u007f|`'.includes(letter)
      ? `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`
      : letter,
  ).join('')
  return `\`${safe}\``
}
