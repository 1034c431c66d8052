import type { PolicyAnswer } from '../../packages/gateway/src/lambda/events.ts'

/** What AWS makes of a policy: `*` takes any text, `?` one character, and a Deny wins. For tests. */
export function invokes(policy: PolicyAnswer['policyDocument'], arn: string): boolean {
  const says = (effect: 'Allow' | 'Deny'): boolean =>
    policy.Statement.some(
      ({ Effect, Resource }) => Effect === effect && Resource.some((glob) => fits(glob, arn)),
    )
  return says('Allow') && !says('Deny')
}

const fits = (glob: string, text: string): boolean =>
  new RegExp(
    `^${glob
      .replaceAll(/[.+^$()|{}[\]\\/]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(text)
