/** The image, as far as it can be judged without building it; `npm run image:check` builds it and asks the same of it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { faultsOfFiles, faultsOfSetup, type ImageFile } from '../../tools/image/contents.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const dockerfile = read('deploy/docker/Dockerfile')
const [, lastStage] = dockerfile.split(/^FROM scratch$/m)

describe('the Dockerfile', () => {
  test('builds on the release of Node that package.json pins', () => {
    const { devDependencies } = JSON.parse(read('package.json'))
    expect(dockerfile).toContain(`ARG BASE=docker.io/library/node:${devDependencies.node}-`)
  })

  test('has the version of package.json', () => {
    expect(dockerfile).toContain(`ARG VERSION=${JSON.parse(read('package.json')).version}\n`)
  })

  test('has a last stage that begins empty, runs nothing and copies from the build alone', () => {
    expect(lastStage).not.toMatch(/^(RUN|ADD|SHELL)/m)
    expect(lastStage.match(/^COPY.*$/gm)).toEqual(['COPY --from=build /image/ /'])
  })

  test('is sent each file that it copies, and no other', () => {
    const allowed = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path]) => path)
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) => paths.split(' '))
    expect(allowed.sort()).toEqual(copied.sort())
  })
})

const usual: ImageFile = { path: '/app/dist/main.js', kind: 'file', mode: 0o644, uid: 0 }
const setup = {
  config: {
    User: '65532:65532',
    Entrypoint: ['/usr/local/bin/node', '--max-semi-space-size=2', '--heap-growing-percent=50', '/app/dist/main.js'],
    Cmd: ['run'],
    StopSignal: 'SIGTERM',
    Labels: Object.fromEntries(
      ['title', 'description', 'licenses', 'version', 'revision'].map((name) => [
        `org.opencontainers.image.${name}`,
        'x',
      ]),
    ),
    Healthcheck: { Test: ['CMD', '/usr/local/bin/node', '/app/alive.mjs'] },
  },
}

describe('an image with a fault is found out', () => {
  test.each<[string, Partial<ImageFile>, string]>([
    ['a shell', { path: '/bin/sh', kind: 'link' }, '/bin/sh is a shell'],
    ['busybox', { path: '/sbin/busybox' }, '/sbin/busybox is a shell'],
    ['apt', { path: '/usr/bin/apt-get' }, '/usr/bin/apt-get is a package manager'],
    ['npm', { path: '/usr/lib/node_modules/npm', kind: 'folder' }, '/usr/lib/node_modules/npm is a package manager'],
    ['setuid', { mode: 0o4755 }, "/app/dist/main.js has another's rights: mode 4755"],
    ['a file of its user', { uid: 65532 }, '/app/dist/main.js belongs to user 65532, not to root'],
    ['a file for all', { mode: 0o666 }, '/app/dist/main.js can be written by others than its owner: mode 666'],
    ['a secret', { path: '/root/.npmrc' }, '/root/.npmrc may hold a secret'],
  ])('%s', (_, change, fault) => {
    expect(faultsOfFiles([{ ...usual, ...change }])).toEqual([fault])
  })

  test.each<[string, Partial<(typeof setup)['config']>, string]>([
    ['root', { User: '0' }, 'the user must be a number above 0: got "0"'],
    ['a user by name', { User: 'shoal' }, 'the user must be a number above 0: got "shoal"'],
    ['a shell first', { Entrypoint: ['sh', '-c'] }, 'the first process must be /usr/local/bin/node: got sh -c'],
    [
      'a health check by a shell',
      { Healthcheck: { Test: ['CMD-SHELL', 'curl'] } },
      'the health check must be /usr/local/bin/node: got CMD-SHELL curl',
    ],
    ['SIGKILL', { StopSignal: 'SIGKILL' }, 'the stop signal must be SIGTERM: got SIGKILL'],
    ['no labels', { Labels: {} }, 'the label org.opencontainers.image.title must be set'],
  ])('%s', (_, change, fault) => {
    expect(faultsOfSetup({ config: { ...setup.config, ...change } })[0]).toBe(fault)
  })

  test('and one without is not', () => {
    expect([
      ...faultsOfFiles([usual, { ...usual, path: '/tmp', kind: 'folder', mode: 0o1777 }]),
      ...faultsOfSetup(setup),
    ]).toEqual([])
  })
})
