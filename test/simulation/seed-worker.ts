/** A process that runs seeds for another, with one mutation of the product or none. Started by crew.ts. */
import { mutate } from './mutate.ts'
import { mutations } from './mutations.ts'
import type { Answer, Order } from './orders.ts'

const name = process.argv[2]
const mutation = mutations.find((each) => each.name === name)
if (name !== undefined && mutation === undefined) throw new Error(`there is no mutation ${name}`)
if (mutation !== undefined) mutate(mutation)

// After the mutation: what has been imported is not loaded again.
const { planOf } = await import('./plan.ts')
const { runPlan } = await import('./run-plan.ts')
const { reportOf } = await import('./report.ts')
const { sharedSchemas } = await import('./schemas.ts')

const schemas = await sharedSchemas()
const shape = mutation?.shape ?? {}

async function answerTo(order: Order): Promise<Answer> {
  if (order.kind === 'report') return { kind: 'report', text: await reportOf(order.seed, shape, schemas) }
  const { verdict } = await runPlan(planOf(order.seed, { ...shape, ...order.shape }), schemas)
  return { kind: 'verdict', verdict }
}

process.on('message', (order: Order) => {
  answerTo(order).then(
    (answer) => process.send!(answer),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
