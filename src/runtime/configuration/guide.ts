/** The prose of docs/configuration.md. */

/** How a configuration is written. `ignored` names the variables that begin like overrides and are none. */
export function guide(ignored: string): string {
  return `# Configuration

<!-- Written by \`npm run docs\` from src/runtime/configuration. -->

One YAML file, given by \`--config\`. Every key has a default, so an empty file is valid, and what a file means is said by

\`\`\`
shoal config check --config shoal.yaml
\`\`\`

before anything is connected to. A file that breaks a rule is refused with a line \`key rule: got value\` for each, and
exit code 2:

\`\`\`
clusters.k must be at least 2: got 1
features[2].transform must be one of none, log, auto, squash, hourOfDay, dayOfWeek, boolean, {oneHot: [values]}, {hash: buckets}: got "sqrt"
kafka.broker is not a key (did you mean kafka.brokers?): got "b1:9092"
\`\`\`

## Your own topic, in ten lines

\`\`\`yaml
name: payments
input: { topic: card-payments, format: json, id: paymentId, time: createdAt }
features:
  - { field: amount, transform: log, missing: reject }
  - { field: createdAt, transform: hourOfDay }
  - { field: device.risk, missing: indicator }
  - { field: country, transform: { hash: 16 }, weight: 0.5 }
  - { field: channel, transform: { oneHot: [chip, contactless, online] } }
kafka: { brokers: ['b1.example:9092', 'b2.example:9092'] }
registry: { url: 'http://registry.example:8081' }
\`\`\`

Editors complete and check it with \`schemas/configuration.schema.json\` (\`shoal config schema\`); for the YAML language
server, begin the file with

\`\`\`yaml
# yaml-language-server: $schema=./node_modules/shoal/schemas/configuration.schema.json
\`\`\`

## The environment

A variable overrides the file, and the file overrides the default. Its name is \`SHOAL_\` and the key's path in capitals:

| variable | sets |
| --- | --- |
| \`SHOAL_NAME=payments\` | \`name\` |
| \`SHOAL_KAFKA_BROKERS=b1:9092,b2:9092\` | \`kafka.brokers\`: lists are separated by commas |
| \`SHOAL_INPUT_MAX_EVENT_BYTES=65536\` | \`input.maxEventBytes\` |
| \`SHOAL_HTTP_PORT=null\` | \`http.port\`: \`null\` where the key takes it |
| \`SHOAL_FEATURES='[{"field":"amount","transform":"log"}]'\` | \`features\`: JSON |

An empty variable counts as unset. A variable that begins with \`SHOAL_\` and is no key is refused, but for
${ignored}.

In the file, \`\${NAME}\` in any text stands for a variable and \`\${NAME:-default}\` for one with a default (used when it
is unset or empty); \`$\${\` is a plain \`\${\`. It is replaced after the YAML is read, so a value cannot change the
structure, and where a number, a boolean or a list is wanted it is read as one: \`k: \${CLUSTERS:-16}\`.

## Secrets

A secret is given by a variable (\`password: \${KAFKA_PASSWORD}\`, or \`SHOAL_KAFKA_SASL_PASSWORD\`) or by a file
(\`passwordFile: /run/secrets/kafka\`), of which one newline at the end is left out. Paths are relative to the folder of
the configuration file. Secrets are never printed: not by \`shoal config check\`, not in an error, not in the log.`
}
