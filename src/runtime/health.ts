/** What state the process is in, in the words that people and probes read. */
import { systemClock } from './clock.ts'
import type { Clock, Telemetry } from './ports.ts'

/** The parts of the process that are started again after an error. */
export type Task = 'service' | 'score' | 'train' | 'model follower' | 'primary' | 'snapshots' | 'lag'

/** What the process depends on, and its own tasks; each is named in the state while it fails. */
export type Dependency = 'kafka' | 'redis' | 'registry' | 'model' | 'profiles' | 'retention' | Task

export type ReadyState = 'starting' | 'waiting for a model' | 'serving' | 'degraded' | 'stopping'

export interface HealthReport {
  readonly state: ReadyState
  /** Events are being scored, or would be if there were any. */
  readonly ready: boolean
  /** What is wrong, by dependency: `redis: connection refused`. */
  readonly reasons: readonly string[]
  /** What people should look at in the events, while the process itself is well. */
  readonly notices: readonly string[]
}

/** What the process depends on, as it is now. */
export interface DependencyState {
  readonly name: Dependency
  /** Null: nothing is wrong with it. */
  readonly problem: string | null
  /** Since when it has been so, in ms since the epoch. */
  readonly sinceMs: number
}

/** What the line of the log holds beside the problem. */
interface ProblemDetails {
  /** Time does not mend it. */
  readonly isLasting?: boolean
  readonly code?: string
  /** With its stack, where nobody foresaw it. */
  readonly error?: unknown
}

/** Without these the process serves nothing; without the others it serves, degraded: of models, too, the one that it has. */
const essential: readonly Dependency[] = ['kafka', 'service', 'score']

export class Health {
  private readonly telemetry: Telemetry
  /** The newest problem of each dependency, by who suffers from it. */
  private readonly problems = new Map<Dependency, Map<string, string>>()
  private phase: 'starting' | 'running' | 'stopping' = 'starting'
  private hasModel = false
  private said = ''
  /** Had a problem once, and so have a gauge that goes back to 0. */
  private readonly shown = new Set<Dependency>()
  private notices: readonly string[] = []
  private readonly clock: Pick<Clock, 'date'>
  private readonly beganMs: number
  /** When each was last said to fail. */
  private readonly failedMs = new Map<Dependency, number>()
  /** When each began to fail, or got over it. */
  private readonly changedMs = new Map<Dependency, number>()

  constructor(telemetry: Telemetry, clock: Pick<Clock, 'date'> = systemClock) {
    this.telemetry = telemetry
    this.clock = clock
    this.beganMs = clock.date()
    telemetry.gauge('shoal_ready', 0, {})
  }

  report(): HealthReport {
    const reasons = [...this.problems].map(([dependency, by]) => `${dependency}: ${[...by.values()].at(-1)}`)
    const broken = essential.some((dependency) => this.problems.has(dependency))
    return {
      state: this.state(),
      ready: this.phase === 'running' && this.hasModel && !broken,
      reasons,
      notices: this.notices,
    }
  }

  /** Each of these, and whatever else has failed, with since when it is as it is. */
  dependencies(names: readonly Dependency[]): readonly DependencyState[] {
    return [...new Set([...names, ...this.problems.keys()])].map((name) => ({
      name,
      problem: [...(this.problems.get(name)?.values() ?? [])].at(-1) ?? null,
      sinceMs: this.changedMs.get(name) ?? this.beganMs,
    }))
  }

  /** The report in one line: `degraded: redis: connection refused`. */
  line(): string {
    const { state, reasons } = this.report()
    return [state, ...reasons].join(': ')
  }

  /**
   * Whoever says so takes it back: one task's success does not hide that another still fails. True when a line of the log
   * has said it.
   */
  failed(dependency: Dependency, problem: string, by: string = dependency, details: ProblemDetails = {}): boolean {
    const problems = this.problems.get(dependency) ?? new Map<string, string>()
    if (problems.size === 0) this.changedMs.set(dependency, this.clock.date())
    this.failedMs.set(dependency, this.clock.date())
    const isSaid = [...this.problems.values()].some((each) => [...each.values()].includes(problem))
    problems.delete(by)
    problems.set(by, problem)
    this.problems.set(dependency, problems)
    return this.say(isSaid ? null : `${dependency}: ${problem}`, details)
  }

  /** As `failed`, but says no more than is known already where something is. */
  waits(dependency: Dependency, problem: string, by: string): void {
    if (!this.problems.get(dependency)?.has(by)) this.failed(dependency, problem, by)
  }

  recovered(dependency: Dependency, by: string = dependency): void {
    const problems = this.problems.get(dependency)
    if (problems === undefined || !problems.delete(by)) return
    if (problems.size === 0) {
      this.problems.delete(dependency)
      this.changedMs.set(dependency, this.clock.date())
    }
    this.say()
  }

  /** As `recovered`, once nothing has failed for so long: who fails again and again is well between two attempts. */
  settled(dependency: Dependency, quietMs: number): void {
    const failedMs = this.failedMs.get(dependency) ?? Number.NEGATIVE_INFINITY
    if (this.clock.date() - failedMs >= quietMs) this.recovered(dependency)
  }

  /** Says what people should look at from now on, in the place of what was said before: it changes neither state nor readiness. */
  noticed(notices: readonly string[]): void {
    const { log } = this.telemetry
    for (const notice of notices) if (!this.notices.includes(notice)) log.warn(notice)
    for (const notice of this.notices) if (!notices.includes(notice)) log.info(`over: ${notice}`)
    this.notices = notices
  }

  running(): void {
    if (this.phase === 'starting') this.phase = 'running'
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

  /**
   * One log line per change of state: what a problem says may differ from one attempt to the next. Only what is new is
   * said in full, so that nothing is said twice; `/health/ready` has all of it.
   */
  private say(news: string | null = null, { isLasting = false, ...details }: ProblemDetails = {}): boolean {
    const state = [this.state(), ...this.problems.keys()].join(': ')
    if (state === this.said) return false
    this.said = state
    for (const part of new Set([...this.shown, ...this.problems.keys()])) {
      this.telemetry.gauge('shoal_problem', this.problems.has(part) ? 1 : 0, { part })
      this.shown.add(part)
    }
    const { ready } = this.report()
    this.telemetry.gauge('shoal_ready', ready ? 1 : 0, {})
    const { log } = this.telemetry
    const fields = { ready, ...details }
    const line = [this.state(), news ?? [...this.problems.keys()].join(', ')].filter(Boolean).join(': ')
    if (this.problems.size === 0) log.info(line, fields)
    else if (isLasting) log.error(line, fields)
    else log.warn(line, fields)
    return true
  }
}
