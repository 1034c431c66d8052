import { errorPage } from '../pages.ts'
import { Refusal, type Answer } from '../wire.ts'
import { deliver } from './modes.ts'
import type { Destination } from './request.ts'

/** Errors that the client may hear of go to its redirect URI. */
export async function orRedirect(
  destination: Destination,
  work: () => Answer | Promise<Answer>,
): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { state } = destination
    return deliver(destination, { ...textsOf(error), ...(state !== null && { state }) })
  }
}

function textsOf(refusal: Refusal): { error: string; error_description: string } {
  const { error, error_description: description }: Record<string, unknown> = {
    ...Object(refusal.answer.body),
  }
  return { error: String(error), error_description: String(description) }
}

/** Errors that nobody but the person at the browser can be told. */
export function asPage(error: unknown): Answer {
  if (!(error instanceof Refusal)) throw error
  const texts = textsOf(error)
  const { status } = error.answer
  return { status, body: errorPage(texts.error, texts.error_description) }
}
