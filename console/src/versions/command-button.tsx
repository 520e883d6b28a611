/** A command: a button, and a dialogue that asks why, says what it will write, and what became of it. */
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { DeedView } from '../../../src/runtime/views/control-view.ts'
import { ApiProblem, postJson } from '../api/request.ts'
import { Num, percent } from '../numbers.tsx'
import { type Order, textOf } from './orders.ts'
import { Outcome, type Told } from './outcome.tsx'

interface CommandButtonProps {
  readonly order: Order
  readonly disabled?: boolean
}

export function CommandButton({ order, disabled = false }: CommandButtonProps) {
  const [isOpen, setOpen] = useState(false)
  const { button, title } = textOf(order)
  return (
    <>
      <button type="button" disabled={disabled} title={title} onClick={() => setOpen(true)}>
        {button}
      </button>
      {isOpen && <Dialogue order={order} onClose={() => setOpen(false)} />}
    </>
  )
}

function Dialogue({ order, onClose }: { readonly order: Order; readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const [reason, setReason] = useState('')
  const [budget, setBudget] = useState(order.kind === 'budget' ? String(100 * order.budget) : '')
  const [told, tell] = useState<Told | null>(null)
  const wanted: Order = order.kind === 'budget' ? { kind: 'budget', budget: Number(budget) / 100 } : order
  const { button, title, writes } = textOf(wanted)
  useEffect(() => dialog.current?.showModal(), [])
  const submit = async (event: Event) => {
    event.preventDefault()
    tell({ state: 'waiting' })
    tell(await give(wanted, reason))
  }
  const isGiven = told !== null && told.state !== 'refused'
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id={id}>{title}</h2>
        {order.kind === 'budget' && (
          <label>
            Share of the events that may be called anomalous, in %
            <input
              type="number"
              required
              min="0.0001"
              max="50"
              step="any"
              value={budget}
              disabled={isGiven}
              onInput={({ currentTarget }) => setBudget(currentTarget.value)}
            />
            <span class="quiet">
              now <Num value={order.budget} as={percent} />
            </span>
          </label>
        )}
        <label>
          Why
          <textarea
            required
            maxLength={1000}
            rows={3}
            value={reason}
            disabled={isGiven}
            placeholder="Read later by whoever asks why the model is as it is"
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </label>
        <p class="writes">
          <strong>Writes to the log of model updates:</strong> {writes} It is kept with your name and this reason.
        </p>
        <div role="status">{told !== null && <Outcome told={told} />}</div>
        <p class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            {isGiven && told.state !== 'waiting' ? 'Close' : 'Cancel'}
          </button>
          {!isGiven && (
            <button type="submit" class="main" disabled={reason.trim() === ''}>
              {button}
            </button>
          )}
        </p>
      </form>
    </dialog>
  )
}

async function give(order: Order, reason: string): Promise<Told> {
  try {
    const { value } = await postJson<{ deeds: readonly (DeedView | null)[] }>('v1/commands', { ...order, reason })
    const done = value.deeds.filter((deed) => deed !== null)
    return done.length < value.deeds.length ? { state: 'written' } : { state: 'done', deeds: done }
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error
    return { state: 'refused', problem: error }
  }
}
