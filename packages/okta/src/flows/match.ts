import { questions, type Condition, type FlowQuestion, type Known } from './questions.ts'

/** The questions in their order. The type says what Object.keys forgets. */
export const questionNames = Object.keys(questions) as readonly FlowQuestion[]

/** Whether a condition holds. */
export const matches = (condition: Condition, known: Known): boolean =>
  questionNames.every((name) => {
    const wanted: readonly unknown[] | undefined = condition[name]
    return wanted === undefined || wanted.includes(known[name])
  })
