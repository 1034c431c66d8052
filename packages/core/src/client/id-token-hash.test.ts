import { expect, test } from 'vitest'
import { halfHash } from './id-token-hash.ts'

// OpenID Connect Core, Appendix A.3, A.4 and A.6.
test.each([
  ['jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y', '77QmUPtjPfzWtF2AnpK9RQ'],
  ['Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk', 'LDktKdoQak3Pk0cnXxCltA'],
])('the examples of the specification: %s', async (value, hash) => {
  expect(await halfHash(value, 'RS256')).toBe(hash)
})

test.each(['Ed448', 'none', 'toString'])('no hash goes with %s', async (algorithm) => {
  expect(await halfHash('x', algorithm)).toBeUndefined()
})
