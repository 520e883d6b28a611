/** The prose of docs/configuration.md. */

/** How a configuration is written. `ignored` names the variables that begin like overrides and are none. */
export function guide(ignored: string): string {
  return `# Configuration

<!-- Written by \`npm run docs\` from src/runtime/configuration. -->

One YAML file, given by \`--config\`. Every key has a default, so an empty file is valid, and what a file means is said by

\`\`\`sh
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

## What is usual for a customer

A feature may ask, instead of for a field, for what the event is beside all that its customer, terminal or device did
before:

\`\`\`yaml
name: cards
input: { topic: card-payments, format: json, id: paymentId, time: paidAt }
features:
  - { field: amount }
  - { profile: { entity: customerId, of: amount, as: ratio } }
  - { profile: { entity: customerId, of: amount, as: unrest }, transform: log, weight: 0.1 }
  - { profile: { entity: customerId, as: count1h }, transform: log }
  - { profile: { entity: customerId, as: kmPerHour }, transform: log }
  - { profile: { entity: customerId, of: deviceId, as: newValue } }
  - { profile: { entity: terminalId, of: amount, as: ratio }, weight: 0.3 }
profiles: { key: customerId, limit: 500000 }
\`\`\`

| \`as\` | the number | missing |
| --- | --- | --- |
| \`ratio\` | the value over what is usual for the entity: 1 is usual, 5 five times that | without \`of\` |
| \`zScore\` | its distance from what is usual, in the entity's own spreads | without \`of\` |
| \`unrest\` | how far beyond 2.5 spreads the values before it were, fading in a quarter of the half-life | without \`of\` |
| \`count1h\`, \`count24h\` | events in the last hour or day before it, each counting e^(−age/window): no edge at which one drops out | never |
| \`sinceLast\` | hours since the newest event | at the first |
| \`kmPerHour\` | speed from the newest position, over a minute at least | without a position, at the first |
| \`newValue\` | 0 for a value among the last eight that differed, near 1 for another; less while little is known | without \`of\` |

* Time is the event's own (\`input.time\`). An event that is late counts as much as it would by now if it had come in time.
  One that is later than ten half-lives (of the longest, and ten days at least) counts for nothing; a second such in a row
  says that the time before was wrong, and the profile goes on from it.
* A young entity is measured by all others of its partition. What enters a profile is held near what is usual for it, so that
  a fraud does not make the next one look usual; what stays changed is followed within a few events.
* Of an entity without a value (absent, null or an empty text) nothing is known: its features are missing. A number and its
  text are one entity; one of more than 256 bytes makes its event a dead letter.
* **Producers must key by the entity** whose events belong together (\`profiles.key\`): then they are all in one partition.
  Of any other entity, such as a terminal, each partition sees only its share: ratios and speeds of it mean something,
  counts and times do not and are refused. When the keys of one entity differ all the same, Shoal warns once and counts
  (\`shoal_profile_foreign_keys_total\`). More partitions move entities to others, where they begin anew.
* A first model of \`shoal train\` comes without profiles: they are made from the events as the service scores them.
* Profiles are state: they lie in \`<name>.profiles\`, are changed in the transaction of the events that change them, and are read
  back by whoever takes a partition over. Another feature configuration is another model: give it another \`name\`.
* Memory: about 150 bytes for each profile of three features, \`profiles.limit\` of them for each entity and partition at most.

On a month of simulated card payments with only time, customer, terminal and amount the amount alone reached an average
precision of .25, the first two of these features .32, the first three .34 (no labels used).

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
the configuration file. A file is read again whenever a connection needs it, so it may be replaced while Shoal runs:
[security.md](security.md). Secrets are never printed: not by \`shoal config check\`, not in an error, not in the log.`
}
