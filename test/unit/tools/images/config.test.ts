// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { renderConfig } from '../../../../tools/images/config.ts';

it('two engines and two times make one configuration', () => {
  const podman = {
    created: '2026-01-01T00:00:00Z',
    architecture: 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin'], Entrypoint: ['node', '/app/x.mjs'], Labels: { 'io.buildah.version': '1' } },
    rootfs: { type: 'layers', diff_ids: ['sha256:of the engine'] },
    history: [{ created_by: 'COPY x' }],
  };
  const docker = {
    docker_version: '20.10',
    container: 'c0ffee',
    config: {
      Hostname: '',
      Env: ['PATH=/bin'],
      Cmd: null,
      Entrypoint: ['node', '/app/x.mjs'],
      WorkingDir: '',
    },
    os: 'linux',
    architecture: 'amd64',
  };
  const render = (engineConfig: object): string =>
    renderConfig({
      engineConfig: JSON.stringify(engineConfig),
      labels: { title: 'x' },
      created: '2023-11-14T22:13:20Z',
      diffIds: ['sha256:a', 'sha256:b'],
    });
  expect(render(docker)).toBe(render(podman));
  expect(JSON.parse(render(podman))).toMatchObject({
    created: '2023-11-14T22:13:20Z',
    config: { Entrypoint: ['node', '/app/x.mjs'], Labels: { title: 'x' } },
    rootfs: { diff_ids: ['sha256:a', 'sha256:b'] },
  });
});
