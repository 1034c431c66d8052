/** What the APIs guard. */
export const orders = [
  { number: 1001, item: 'oak beams', quantity: 4 },
  { number: 1002, item: 'iron spikes', quantity: 120 },
]
