/** The middle value; the mean of the two middle ones where their number is even. */
export function median(values) {
  return quantile(values, 0.5)
}

/** A quantile by linear interpolation. */
export function quantile(values, share) {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const above = Math.ceil(place)
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below)
}

/** Half the distance between the quartiles: how far a typical round lies from the median. */
export const spread = (values) => (quantile(values, 0.75) - quantile(values, 0.25)) / 2
