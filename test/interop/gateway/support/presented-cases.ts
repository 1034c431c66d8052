import { refusedToken, type TokenCase } from './token-case.ts'

const malformed = (name: string, ...values: readonly string[]): TokenCase => ({
  name,
  request: { fields: values.map((value) => ['Authorization', value] as const) },
  status: 400,
  error: 'invalid_request',
})

/** How a credential is presented: RFC 6750 §2. */
export const presented = (
  good: string,
  head: string,
  body: string,
  signature: string,
): readonly TokenCase[] => [
  refusedToken('padded base64', `${head}==.${body}.${signature}`),
  refusedToken('bits to spare', `${head}.${body}.${strayBits(signature)}`),
  refusedToken('standard base64', `${head}.${body}.${standard(signature)}`),
  { name: 'nothing', request: {}, status: 401 },
  {
    name: 'another scheme',
    request: { fields: [['Authorization', 'Basic dXNlcjpwYXNz']] },
    status: 401,
  },
  { name: 'in the query', request: { target: `/orders/1?access_token=${good}` }, status: 401 },
  {
    name: 'in a form',
    request: {
      method: 'POST',
      fields: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: `access_token=${good}`,
    },
    status: 401,
  },
  { name: 'in a cookie', request: { fields: [['Cookie', `access_token=${good}`]] }, status: 401 },
  malformed('scheme alone', 'Bearer'),
  malformed('two words', `Bearer ${good} ${good}`),
  malformed('two in one field', `Bearer ${good}, Bearer ${good}`),
  malformed('two fields', `Bearer ${good}`, `Bearer ${good}`),
  malformed('two fields, one of them Basic', 'Basic dXNlcjpwYXNz', `Bearer ${good}`),
]

// A signature of 342 characters without either would be one in many thousands.
const standard = (signature: string): string => signature.replaceAll('-', '+').replaceAll('_', '/')

// RSA-2048 signatures have 342 characters, the last of which carries two bits that count for nothing.
function strayBits(signature: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = letters.indexOf(signature.at(-1) ?? 'A')
  return signature.slice(0, -1) + (letters[last + 1] ?? 'B')
}
