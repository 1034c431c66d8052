const numbers = (version) => version.split('.').map(Number)

const atLeast = (version, minimum) => {
  const difference = version.map((part, at) => part - (minimum[at] ?? 0)).find((d) => d !== 0)
  return (difference ?? 0) >= 0
}

/** Whether a version satisfies a range of the form `^20.19.0 || >=24.0.0`, which is all we write. */
export const accepts = (range, version) =>
  range.split('||').some((part) => {
    const [, operator, minimum] = /^\s*(\^|>=)\s*([\d.]+)\s*$/.exec(part) ?? []
    if (minimum === undefined) throw new Error(`cannot read the version range ${range}`)
    const [have, want] = [numbers(version), numbers(minimum)]
    return atLeast(have, want) && (operator === '>=' || have[0] === want[0])
  })
