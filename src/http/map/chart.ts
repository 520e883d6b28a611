/**
 * The plane that clusters and events are drawn on. It goes through the centroids as they were at the birth, and when a drift
 * has been accepted through those of that version: a picture that turned by itself could not be read.
 */
import { acceptedVersions } from '../../core/drift/standing.ts'
import { type Plane, placeOn, principalPlane } from '../../core/kmeans/principal-plane.ts'
import { inverseScales, runningSpreads } from '../../core/model/metric.ts'
import type { Model } from '../../core/model/model.ts'
import type { PublishedModel } from '../../runtime/model-follower.ts'
import type { Api } from '../api.ts'

export interface Chart {
  /** The version whose centroids the plane goes through. */
  readonly version: number
  readonly plane: Plane
  /** What a column is multiplied by before it is placed. */
  readonly scale: Float64Array
}

export interface Charts {
  readonly now: Chart
  /** What was drawn on before the last drift was accepted; null: there was none. */
  readonly former: Chart | null
}

/** Of these the plane must not depend on what is drawn first: now, before, and while one changes to the other. */
const mostKept = 4

export class ChartBook {
  private bornAtMs = Number.NaN
  private readonly charts = new Map<number, Chart>()

  /** The versions are kept (src/runtime/training.ts), so every process draws on the same planes. */
  async of(api: Api, served: PublishedModel, signal: AbortSignal): Promise<Charts> {
    const { model } = served.scorer
    if (model.bornAtMs !== this.bornAtMs) this.charts.clear()
    this.bornAtMs = model.bornAtMs
    const wanted = [1, ...acceptedVersions(model.drift)]
    const former = wanted.at(-2)
    return {
      now: await this.chart(api, wanted.at(-1) ?? 1, served, signal),
      former: former === undefined ? null : await this.chart(api, former, served, signal),
    }
  }

  /** Of the newest version up to `wanted`; where none is kept any more, of the one that serves. */
  private async chart({ service }: Api, wanted: number, served: PublishedModel, signal: AbortSignal): Promise<Chart> {
    const known = this.charts.get(wanted)
    if (known !== undefined) return known
    const found = await service.versions.newestUpTo(wanted, () => true, signal)
    const chart = chartOf((found ?? served).scorer.model)
    if (found === null && signal.aborted) return chart
    this.charts.set(wanted, chart)
    for (const version of this.charts.keys()) if (this.charts.size > mostKept) this.charts.delete(version)
    return chart
  }
}

function chartOf(model: Model): Chart {
  const scale = inverseScales(model.upkeep, runningSpreads(model))
  const points = model.clusters.mean.map((value, at) => value * scale[at % model.d])
  return { version: model.version, plane: principalPlane(points, model.clusters.weight, model.d), scale }
}

/** The coordinates of a row (d values at `from`, as the model has its columns). */
export function placed({ plane, scale }: Chart, rows: ArrayLike<number>, from: number): readonly [number, number] {
  return placeOn(
    plane,
    scale.map((factor, c) => rows[from + c] * factor),
    0,
  )
}

/** Where one spread along each axis of another chart leads on this one. */
export function axesOn(on: Chart, { plane: { x, y }, scale }: Chart) {
  const dot = (axis: Float64Array, along: Float64Array) =>
    axis.reduce((sum, part, c) => sum + part * (on.scale[c] / scale[c]) * along[c], 0)
  const seen = (axis: Float64Array) => ({ x: dot(axis, on.plane.x), y: dot(axis, on.plane.y) })
  return { x: seen(x), y: seen(y) }
}
