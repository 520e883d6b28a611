import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { exitCodeOf, exitCodeTable } from '../../src/cli/exit-codes.ts'
import { type ErrorCode, errorCatalogue, ShoalError } from '../../src/runtime/errors.ts'

describe('the exit code', () => {
  it.each([
    ['config.invalid', 2],
    ['config.unreadable', 2],
    ['usage.invalid', 2],
    ['log.unavailable', 3],
    ['registry.unavailable', 3],
    ['snapshots.unavailable', 3],
    ['stopped.interrupted', 130],
    ['topics.missing', 1],
    ['file.malformed', 1],
  ] as const)('of %s is %i', (code, exit) => {
    expect(exitCodeOf(new ShoalError(code, 'why'))).toBe(exit)
  })

  it('says that the same may succeed later only of errors that time may mend', () => {
    const codes = Object.keys(errorCatalogue) as ErrorCode[]
    const later = codes.filter((code) => exitCodeOf(new ShoalError(code, '')) === 3)
    expect(later.every((code) => errorCatalogue[code].retriable)).toBe(true)
  })

  it('of help is 0, of a wrong command line 2, of anything unforeseen 1', () => {
    expect(exitCodeOf(new CommanderError(0, 'commander.helpDisplayed', ''))).toBe(0)
    expect(exitCodeOf(new CommanderError(1, 'commander.unknownOption', ''))).toBe(2)
    expect(exitCodeOf(new TypeError('a mistake of ours'))).toBe(1)
  })

  it('is in the help, each one', () => {
    for (const code of ['0', '1', '2', '3', '130']) expect(exitCodeTable()).toMatch(new RegExp(`^ +${code} +\\S`, 'm'))
  })
})
