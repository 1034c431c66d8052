/** An address with more parameters; those that are `undefined` are left out. */
export function appendTo(
  address: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, value)
  }
  const text = query.toString()
  return text === '' ? address : `${address}${address.includes('?') ? '&' : '?'}${text}`
}
