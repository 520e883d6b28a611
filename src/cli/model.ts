/** `shoal model`: the versions that there are, what a person orders of the model, and a model as a file. */
import type { Command } from 'commander'
import type { CliContext } from './context.ts'
import { addDiff } from './model/diff.ts'
import { addExport } from './model/export.ts'
import { addImport } from './model/import.ts'
import { addList } from './model/list.ts'
import { addOrders } from './model/orders.ts'
import { addShow } from './model/show.ts'

/** Adds the commands. */
export function addModel(program: Command, context: CliContext): void {
  const model = program
    .command('model')
    .description('see the versions of a model, and order what is learned: freeze, roll back, pin and more')
  addList(model, context)
  addShow(model, context)
  addDiff(model, context)
  addOrders(model, context)
  addExport(model, context)
  addImport(model, context)
}
