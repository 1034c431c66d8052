import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { describeWith, findBinary } from '../support/binaries.ts'

it('finds no program that does not exist', () => {
  expect(findBinary('portcullis-no-such-program')).toBeUndefined()
})

// Every program that a suite here drives: what CI must bring, and a start that proves it runs.
describeWith(['chromium'], 'Chromium', (chromium = '') => {
  it('starts', () => {
    expect(execFileSync(chromium, ['--version'], { encoding: 'utf8' })).toContain('Chromium')
  })
})
