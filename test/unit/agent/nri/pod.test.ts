// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toContainer, toPod } from '../../../../agent/nri/pod.ts';
import { decode } from '../../../../agent/nri/proto.ts';

/** Requests as containerd 2.4.2 (NRI 0.12.3) sent them on a kind node. */
function recorded(method: string) {
  const hex = readFileSync(join(import.meta.dirname, 'recorded', `${method}.hex`), 'utf8');
  return decode('Request', Buffer.from(hex.replaceAll('\n', ''), 'hex'));
}

describe('requests recorded from containerd 2.4.2', () => {
  it('name the service that we serve', () => {
    expect(recorded('Configure').service).toBe('nri.pkg.api.v1alpha1.Plugin');
  });

  it('tell runtime and version at Configure', () => {
    expect(decode('ConfigureRequest', recorded('Configure').payload)).toMatchObject({
      runtimeName: 'containerd',
      runtimeVersion: 'v2.4.2',
      nriVersion: 'v0.12.3',
    });
  });

  it('tell name, uid, annotations and namespace path of a pod that starts', () => {
    const pod = toPod(decode('PodRequest', recorded('RunPodSandbox').payload).pod!);
    expect(pod).toMatchObject({ name: 'p2', namespace: 'ah-nri' });
    expect(pod.uid).toBe('f4625756-d574-46a9-8a5f-9e63ca9f3600');
    expect(pod.annotations['k8s.v1.cni.cncf.io/networks']).toBe('shop');
    expect(pod.netnsPath).toMatch(/^\/var\/run\/netns\/cni-[0-9a-f-]+$/);
  });

  it('tell the pod of a container that is created', () => {
    const { pod, container } = decode('ContainerRequest', recorded('CreateContainer').payload);
    expect(toPod(pod!).netnsPath).toMatch(/^\/var\/run\/netns\//);
    expect(toContainer(container!).name).toBe('p2');
  });
});
