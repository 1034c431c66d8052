import { expect, test } from 'vitest'
import { readArguments, UsageError } from './arguments.ts'

test.each([
  [['--config', 'g.yaml'], { name: 'run', config: 'g.yaml' }],
  [['-c', 'g.yaml', '--check'], { name: 'check', config: 'g.yaml' }],
  [['--print-schema'], { name: 'print-schema' }],
  [['-h', '--config', 'g.yaml'], { name: 'help' }],
  [['-v'], { name: 'version' }],
  [
    ['snippet', '--for', 'envoy', '-c', 'g.yaml', '--upstream', '127.0.0.1:1'],
    { name: 'snippet', config: 'g.yaml', gateway: 'envoy', wish: { upstream: '127.0.0.1:1' } },
  ],
  [
    ['snippet', '--for', 'nginx', '-c', 'g.yaml', '--cache'],
    { name: 'snippet', config: 'g.yaml', gateway: 'nginx', wish: { cache: true } },
  ],
])('reads %j', (args, command) => {
  expect(readArguments(args)).toEqual(command)
})

test.each([
  [[], '--config is missing'],
  [['--config', ''], '--config is missing'],
  [['--config'], 'config'],
  [['--nonsense'], 'nonsense'],
  [['run', '--config', 'x'], 'run is no command'],
  [['snippet', 'more', '--config', 'x'], 'snippet more is no command'],
  [['snippet', '--for', 'apache', '--config', 'x'], '--for must be one of nginx'],
  [['snippet', '--for', 'nginx', '--check', '--config', 'x'], '--check does not go'],
  [['--cache', '--config', 'x'], '--cache belongs to the command snippet'],
  [['--for', 'nginx', '--config', 'x'], '--for belongs to the command snippet'],
])('refuses %j', (args, message) => {
  expect(() => readArguments(args)).toThrow(UsageError)
  expect(() => readArguments(args)).toThrow(message)
})
