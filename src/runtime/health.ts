/** What state the process is in, in the words that people and probes read. */
import type { Telemetry } from './ports.ts'

/** What the process depends on; each is named in the state when it fails. */
export type Dependency = 'kafka' | 'redis' | 'registry' | 'model'

export type ReadyState = 'starting' | 'waiting for a model' | 'serving' | 'degraded' | 'stopping'

export interface HealthReport {
  readonly state: ReadyState
  /** Events are being scored, or would be if there were any. */
  readonly ready: boolean
  /** What is wrong, by dependency: `redis: connection refused`. */
  readonly reasons: readonly string[]
}

/** Without these the process serves nothing; without the others it serves, degraded. */
const essential: readonly Dependency[] = ['kafka', 'model']

export class Health {
  private readonly telemetry: Telemetry
  private readonly problems = new Map<Dependency, string>()
  private phase: 'starting' | 'running' | 'stopping' = 'starting'
  private hasModel = false
  private said = ''

  constructor(telemetry: Telemetry) {
    this.telemetry = telemetry
  }

  report(): HealthReport {
    const reasons = [...this.problems].map(([dependency, problem]) => `${dependency}: ${problem}`)
    const broken = essential.some((dependency) => this.problems.has(dependency))
    return { state: this.state(), ready: this.phase === 'running' && this.hasModel && !broken, reasons }
  }

  /** The report in one line: `degraded: redis: connection refused`. */
  line(): string {
    const { state, reasons } = this.report()
    return [state, ...reasons].join(': ')
  }

  failed(dependency: Dependency, problem: string): void {
    this.problems.set(dependency, problem)
    this.say()
  }

  recovered(dependency: Dependency): void {
    if (this.problems.delete(dependency)) this.say()
  }

  running(): void {
    this.phase = 'running'
    this.say()
  }

  modelKnown(): void {
    if (this.hasModel) return
    this.hasModel = true
    this.say()
  }

  stopping(): void {
    this.phase = 'stopping'
    this.say()
  }

  private state(): ReadyState {
    if (this.phase !== 'running') return this.phase
    if (this.problems.size > 0) return 'degraded'
    return this.hasModel ? 'serving' : 'waiting for a model'
  }

  /** One log line per change of state. */
  private say(): void {
    const line = this.line()
    if (line === this.said) return
    this.said = line
    const { ready } = this.report()
    this.telemetry.gauge('shoal_ready', ready ? 1 : 0, {})
    this.telemetry.log.info(line, { ready })
  }
}
