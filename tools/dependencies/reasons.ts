/** Why each package is here: a new one needs a line, and so a reason. docs/dependencies.md is made of it. */

export interface Reason {
  /** What it does here. */
  readonly what: string
  /** Why this one, and not another or our own code. */
  readonly why: string
  /** Month of its newest release, as the package index said when the line was last looked at. */
  readonly released: string
}

/** What a running process loads. */
export const running: Readonly<Record<string, Reason>> = {
  '@confluentinc/schemaregistry': {
    what: 'the client of the schema registry',
    why: "the registry's own maintainers keep it; of it only the REST client is loaded",
    released: '2026-09',
  },
  '@fastify/rate-limit': { what: 'limits requests per caller', why: "fastify's own", released: '2026-09' },
  '@fastify/static': {
    what: 'serves the console',
    why: "fastify's own: ranges, types, no way out of the folder",
    released: '2026-11',
  },
  '@fastify/swagger': {
    what: 'the OpenAPI document',
    why: "fastify's own, from the schemas that validate",
    released: '2026-11',
  },
  '@grpc/grpc-js': {
    what: 'scoring over gRPC',
    why: 'the reference implementation, without native code',
    released: '2026-10',
  },
  '@grpc/proto-loader': { what: 'reads the .proto', why: "gRPC's own", released: '2026-05' },
  '@grpc/reflection': { what: 'tells gRPC clients what there is', why: "gRPC's own", released: '2026-08' },
  '@node-rs/crc32': {
    what: 'CRC-32C of record batches',
    why: 'by the instruction of the processor, over every byte that is read and written',
    released: '2026-09',
  },
  '@opentelemetry/api': { what: 'spans', why: 'the standard', released: '2026-10' },
  '@opentelemetry/sdk-node': {
    what: 'sends spans, set up by the OTEL_ environment',
    why: 'the standard',
    released: '2026-11',
  },
  avsc: {
    what: 'Avro for all that is not on the hot path',
    why: 'the fastest in JavaScript, and the oracle of our own projection',
    released: '2026-08',
  },
  'cli-progress': {
    what: 'progress bars',
    why: 'several bars, silent where there is no terminal',
    released: '2026-08',
  },
  'cli-table3': { what: 'tables in the terminal', why: 'measures wide characters and colours', released: '2024-12' },
  commander: { what: 'the command line', why: 'no package of its own behind it', released: '2026-11' },
  'csv-parse': { what: 'CSV files', why: 'streams, and says where a file is wrong', released: '2026-09' },
  'd3-scale': { what: 'scales of charts', why: 'ticks at round numbers and times', released: '2026-11' },
  'd3-shape': { what: 'lines and areas of charts', why: 'goes with d3-scale', released: '2026-11' },
  fastify: { what: 'HTTP', why: 'schemas first, limits on everything', released: '2026-11' },
  'fastify-type-provider-zod': {
    what: "routes' schemas in zod",
    why: 'one schema validates, types and documents',
    released: '2026-08',
  },
  'grpc-health-check': { what: 'health over gRPC', why: "gRPC's own", released: '2026-04' },
  ioredis: { what: 'the client of Redis', why: 'Sentinel, Cluster, TLS, scripts', released: '2026-09' },
  jose: {
    what: 'tokens of OpenID Connect',
    why: 'no package behind it, on the cryptography of Node',
    released: '2026-11',
  },
  kafkajs: {
    what: 'connections to Kafka: TLS, SASL, requests in flight',
    why: 'in JavaScript alone; its consumer and producer are not used (docs of the protocol: ARCHITECTURE.md)',
    released: '2026-08',
  },
  'lz4-napi': { what: 'LZ4 of record batches', why: 'prebuilt; Kafka clients write it', released: '2026-08' },
  'openapi-types': { what: 'types of the OpenAPI document', why: 'asked for by @fastify/swagger', released: '2026-09' },
  pino: { what: 'logs', why: 'JSON lines, redaction, cheap where nothing is written', released: '2026-10' },
  'pino-pretty': { what: 'logs in a terminal', why: "pino's own", released: '2026-10' },
  'prom-client': { what: 'keeps the metrics', why: 'the client for Node that Prometheus names', released: '2026-05' },
  snappy: { what: 'Snappy of record batches', why: 'prebuilt; Kafka clients write it', released: '2026-09' },
  yaml: { what: 'configuration files', why: 'says line and column of a mistake', released: '2026-09' },
  zod: {
    what: 'validates configuration, requests and answers',
    why: 'types, messages and JSON Schema from one source',
    released: '2026-10',
  },
}

/** What building, testing and measuring need. */
export const building: Readonly<Record<string, Reason>> = {
  '@biomejs/biome': { what: 'lint and format', why: 'both, in seconds', released: '2026-11' },
  '@grafana/grafana-foundation-sdk': {
    what: 'the Grafana dashboard as code',
    why: "Grafana's own",
    released: '2026-10',
  },
  '@preact/preset-vite': { what: 'Preact in Vite', why: "Preact's own", released: '2026-07' },
  '@seriousme/openapi-schema-validator': { what: 'judges the OpenAPI document', why: 'knows 3.1', released: '2026-09' },
  '@sparticuz/chromium': {
    what: 'Chromium where the machine has none',
    why: 'brings its libraries, so a bare machine can run it',
    released: '2026-09',
  },
  '@types/autocannon': { what: 'types', why: 'autocannon has none', released: '2026-08' },
  '@types/cli-progress': { what: 'types', why: 'cli-progress has none', released: '2026-09' },
  '@types/d3-scale': { what: 'types', why: 'd3-scale has none', released: '2026-05' },
  '@types/d3-shape': { what: 'types', why: 'd3-shape has none', released: '2026-09' },
  '@types/node': { what: 'types', why: 'of the Node that is pinned', released: '2026-10' },
  assemblyscript: {
    what: 'compiles the vector kernels',
    why: 'WebAssembly SIMD from a subset of TypeScript',
    released: '2026-07',
  },
  autocannon: {
    what: 'load on the HTTP API',
    why: 'in this process, at a rate, with percentiles',
    released: '2026-11',
  },
  'axe-core': {
    what: 'finds what shuts people out of the console',
    why: 'the engine that others are built on',
    released: '2026-11',
  },
  'fast-check': { what: 'properties', why: 'shrinks, replays by seed', released: '2026-09' },
  node: {
    what: 'the Node that the sources run on',
    why: "a model's bits depend on V8, so it is pinned like any package",
    released: '2026-09',
  },
  'playwright-core': {
    what: 'drives Chromium in tests',
    why: 'waits for conditions, not for times',
    released: '2026-11',
  },
  preact: { what: 'the console', why: '4 kB', released: '2026-11' },
  'swagger-typescript-api': {
    what: 'a client from the OpenAPI document',
    why: 'shows that one can be made that compiles',
    released: '2026-09',
  },
  typescript: { what: 'types', why: 'the language', released: '2026-07' },
  uplot: {
    what: 'charts over time in the console',
    why: 'draws a hundred thousand points in milliseconds',
    released: '2026-09',
  },
  vite: { what: 'builds the console', why: 'one command, small files', released: '2026-11' },
  vitest: { what: 'tests', why: 'runs the sources as they are', released: '2026-11' },
}
