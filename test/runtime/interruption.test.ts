import { expect, test } from 'vitest'
import { unlessAborted } from '../../src/runtime/interruption.ts'

/** A signal that counts who listens. */
function listenedTo() {
  const controller = new AbortController()
  let listeners = 0
  const { signal } = controller
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  Object.assign(signal, {
    addEventListener: (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    },
    removeEventListener: (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    },
  })
  return { controller, signal, listeners: () => listeners }
}

test('work gives what it gives, and nobody listens to the signal afterwards', async () => {
  const { signal, listeners } = listenedTo()
  expect(await unlessAborted(signal, Promise.resolve(7))).toBe(7)
  await expect(unlessAborted(signal, Promise.reject(new Error('it failed')))).rejects.toThrow('it failed')
  expect(listeners()).toBe(0)
})

test('work that is not done when the signal fires is null, and may fail unheard', async () => {
  const { controller, signal } = listenedTo()
  let fail = (_: Error): void => undefined
  const work = new Promise<never>((_, reject) => {
    fail = reject
  })
  const answer = unlessAborted(signal, work)
  controller.abort()
  expect(await answer).toBeNull()
  fail(new Error('nobody asks any more'))
  expect(await unlessAborted(signal, new Promise(() => undefined))).toBeNull()
})
