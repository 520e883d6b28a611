import { describe, expect, test } from 'vitest'
import { overridableKeys, variableOf } from '../../../src/runtime/configuration/environment.ts'
import { load, refusalOf } from './loading.ts'

describe('a variable', () => {
  test('overrides the file, which overrides the default', () => {
    expect(load('').clusters.k).toBe(16)
    expect(load('clusters: { k: 8 }').clusters.k).toBe(8)
    expect(load('clusters: { k: 8 }', { SHOAL_CLUSTERS_K: '4' }).clusters.k).toBe(4)
  })

  test('is named after the path of its key, in capitals', () => {
    expect(variableOf(['input', 'maxEventBytes'])).toBe('SHOAL_INPUT_MAX_EVENT_BYTES')
    expect(variableOf(['kafka', 'sasl', 'oauth', 'clientSecretFile'])).toBe('SHOAL_KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE')
  })

  test('stands for one key only', () => {
    const variables = overridableKeys().map(({ path }) => variableOf(path))
    expect(new Set(variables).size).toBe(variables.length)
    expect(variables).toContain('SHOAL_KAFKA_BROKERS')
  })

  test('is read as the kind of its key', () => {
    const configuration = load('', {
      SHOAL_NAME: 'payments',
      SHOAL_KAFKA_BROKERS: 'b1:9092, b2:9093',
      SHOAL_INPUT_MAX_EVENT_BYTES: '65536',
      SHOAL_ANOMALIES_BUDGET: '1e-3',
      SHOAL_TOPICS_CREATE: 'false',
      SHOAL_HTTP_PORT: 'null',
      SHOAL_FEATURES: '[{"field":"a","transform":{"hash":4}}]',
    })
    expect(configuration.name).toBe('payments')
    expect(configuration.kafka.brokers).toEqual(['b1:9092', 'b2:9093'])
    expect(configuration.input.maxEventBytes).toBe(65536)
    expect(configuration.anomalies.budget).toBe(0.001)
    expect(configuration.topics.create).toBe(false)
    expect(configuration.http.port).toBeNull()
    expect(configuration.features.map(({ transform }) => transform)).toEqual([{ kind: 'hash', buckets: 4 }])
  })

  test('makes the section that it lies in', () => {
    const redis = load('redis: null', { SHOAL_REDIS_URL: 'redis://h:6379' }).redis
    expect(redis?.endpoint).toMatchObject({ kind: 'server', url: 'redis://h:6379' })
    const env = {
      SHOAL_KAFKA_SASL_MECHANISM: 'plain',
      SHOAL_KAFKA_SASL_USERNAME: 'u',
      SHOAL_KAFKA_SASL_PASSWORD: 'null',
    }
    const sasl = load('', env).kafka.sasl
    expect(sasl?.mechanism === 'plain' && sasl.password.reveal()).toBe('null')
  })

  test('that is empty counts as unset', () => {
    expect(load('clusters: { k: 8 }', { SHOAL_CLUSTERS_K: '' }).clusters.k).toBe(8)
  })

  test('that belongs to others is left alone', () => {
    const env = {
      SHOAL_TEST_KAFKA: 'b:1',
      SHOAL_CACHE: '/c',
      SHOAL_KAFKA_VERSION: '3.9.2',
      SHOAL_SERVICE_HOST: '10.0.0.1',
      SHOAL_SERVICE_PORT_HTTP: '9404',
      SHOAL_PORT: 'tcp://10.0.0.1:9404',
      SHOAL_PORT_9404_TCP: 'tcp://10.0.0.1:9404',
      SHOAL_PORT_9404_TCP_ADDR: '10.0.0.1',
      SHOAL_CONSOLE_PORT_80_TCP_PROTO: 'tcp',
      SHOALS: '1',
      PATH: '/bin',
    }
    expect(load('', env)).toEqual(load(''))
  })

  test.each([
    ['SHOAL_CLUSTERS_K', '1', 'clusters.k must be at least 2: got 1 (from SHOAL_CLUSTERS_K)'],
    [
      'SHOAL_CLUSTERS_K',
      '0x10',
      'clusters.k must be a whole number from 2 to 1024, or auto: got "0x10" (from SHOAL_CLUSTERS_K)',
    ],
    [
      'SHOAL_CLUSTERS_K',
      '1_000',
      'clusters.k must be a whole number from 2 to 1024, or auto: got "1_000" (from SHOAL_CLUSTERS_K)',
    ],
    ['SHOAL_TOPICS_CREATE', 'no', 'topics.create must be true or false: got "no" (from SHOAL_TOPICS_CREATE)'],
    [
      'SHOAL_KAFKA_BROKERS',
      'b1:9092,',
      'kafka.brokers[1] must be host:port, the port 1 to 65535: got "" (from SHOAL_KAFKA_BROKERS)',
    ],
    ['SHOAL_FEATURES', 'amount', 'features must be a list: got "amount" (from SHOAL_FEATURES)'],
    [
      'SHOAL_BOOTSTRAP_MIN_EVENTS',
      '5',
      'bootstrap.minEvents must be at least 32 with clusters.k 16: got 5 (from SHOAL_BOOTSTRAP_MIN_EVENTS)',
    ],
    ['SHOAL_CLUSTER_K', '4', 'SHOAL_CLUSTER_K is not the variable of a key (did you mean SHOAL_CLUSTERS_K?): got "4"'],
    [
      'SHOAL_REDIS_PORT',
      '6379',
      'SHOAL_REDIS_PORT is not the variable of a key (did you mean SHOAL_REDIS_URL?): got "6379"',
    ],
    ['SHOAL_KAFKA', 'b1:9092', 'SHOAL_KAFKA is not the variable of a key: got "b1:9092"'],
    [
      'SHOAL_KAFKA_SASL_PASWORD',
      'hunter2',
      'SHOAL_KAFKA_SASL_PASWORD is not the variable of a key (did you mean SHOAL_KAFKA_SASL_PASSWORD?): got ***',
    ],
  ])('%s=%s is refused', (variable, value, line) => {
    const refusal = refusalOf('', { [variable]: value })
    expect(refusal.code).toBe('config.invalid')
    expect(refusal.message).toBe(line)
  })

  test('and the file are named as the origin of what they set', () => {
    const { origins } = load('clusters: { k: 8, seed: 3 }', { SHOAL_CLUSTERS_K: '4', SHOAL_KAFKA_BROKERS: 'a:1,b:2' })
    expect(Object.fromEntries(origins)).toEqual({
      'clusters.k': { by: 'SHOAL_CLUSTERS_K', shown: '4' },
      'clusters.seed': { by: 'file', shown: '3' },
      'kafka.brokers': { by: 'SHOAL_KAFKA_BROKERS', shown: '"a:1", "b:2"' },
    })
  })
})
