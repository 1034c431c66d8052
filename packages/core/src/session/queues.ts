/** Lets tasks of the same name run one after the other, and others side by side. */
export function createQueues(): <T>(name: string, task: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return async (name, task) => {
    const before = last.get(name) ?? Promise.resolve()
    const answer = before.then(task, task)
    last.set(name, answer)
    try {
      return await answer
    } finally {
      if (last.get(name) === answer) last.delete(name)
    }
  }
}
