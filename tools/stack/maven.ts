/** Java programs come from Maven Central, through Maven itself. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from './process.ts'

const missing =
  'Maven is needed once to fetch Kafka and the schema registry: `mvn` is not on the PATH. Install Maven (and Java 17 or ' +
  'newer), or give addresses of running servers in SHOAL_TEST_KAFKA and SHOAL_TEST_REGISTRY.'

/** Java as JAVA_HOME or the PATH has it. */
export async function java(): Promise<string> {
  const home = process.env.JAVA_HOME
  const program = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java')
  await command(
    program,
    ['-version'],
    `Java 17 or newer is needed to run Kafka and the schema registry: \`${program}\` is not there.`,
  )
  return program
}

/** All that Kafka's broker needs at run time, as jars in `folder`. */
export async function fetchKafka(version: string, folder: string): Promise<void> {
  // kafka-tools-api is named as a dependency of 4.4.0 but is not published; the broker runs without it.
  const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>shoal</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version>
      <exclusions>
        <exclusion><groupId>org.apache.kafka</groupId><artifactId>kafka-tools-api</artifactId></exclusion>
      </exclusions>
    </dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>`
  await writeFile(join(folder, 'pom.xml'), pom)
  const jars = join(folder, 'libs')
  await mkdir(jars)
  await maven(folder, ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`])
  if ((await readdir(jars)).length < 10) throw new Error(`Maven brought no jars for Kafka ${version}`)
}

/** One archive, unpacked into `folder`. */
export async function fetchArchive(artifact: string, folder: string): Promise<void> {
  await maven(folder, ['dependency:unpack', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`])
}

async function maven(folder: string, args: readonly string[]): Promise<void> {
  await command('mvn', ['-B', '-q', '-ntp', ...args], missing, folder)
}
