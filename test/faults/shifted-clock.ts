/** Loaded before the program by `--import`: the machine's date is wrong by SHOAL_TEST_CLOCK_SHIFT_MS, as if set so. */
const shiftMs = Number(process.env.SHOAL_TEST_CLOCK_SHIFT_MS)
if (!Number.isFinite(shiftMs)) throw new Error('SHOAL_TEST_CLOCK_SHIFT_MS must say by how much the date is wrong')

const truth = Date.now

globalThis.Date = new Proxy(Date, {
  construct: (target, given, derived) =>
    Reflect.construct(target, given.length === 0 ? [truth() + shiftMs] : given, derived),
  apply: () => new Date(truth() + shiftMs).toString(),
  get: (target, name, receiver) => (name === 'now' ? () => truth() + shiftMs : Reflect.get(target, name, receiver)),
})
