/** What is asked for, as API Gateway names it. */
export interface MethodArn {
  /** Up to and including the slash behind the stage. */
  readonly base: string
  readonly method: string
  /** With the slash before it, as it stands in the ARN. */
  readonly path: string
}

const shape = /^(arn:[\w-]+:execute-api:[\w-]+:\d{12}:[\w-]+\/[\w$-]+\/)([A-Z]+)(?:\/(.*))?$/

// API Gateway itself hands over no longer ones.
const longest = 1600

/** Reads the ARN of a request. Never part of the message: it may hold what a client wrote. */
export function readArn(arn: unknown): MethodArn {
  const [, base, method, path = ''] =
    typeof arn === 'string' && arn.length <= longest ? (shape.exec(arn) ?? []) : []
  if (base === undefined || method === undefined) {
    throw new TypeError('the event of API Gateway names no method ARN')
  }
  return { base, method, path: `/${path}` }
}
