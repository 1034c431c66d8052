// Tests read answers that they have asked for themselves, so they may say what is in them; the DOM's
// own types agree, but they clash with Node's streams.
interface Response {
  // oxlint-disable-next-line typescript/no-explicit-any
  json(): Promise<any>
}
