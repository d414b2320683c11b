// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { checkCrds, checkImages, checkManifests, imagesOf } from '../../../../tools/check/chart.ts';

const labels = { 'app.kubernetes.io/name': 'heddle' };

describe('the check of the chart', () => {
  it('finds a wildcard in a role', () => {
    const role = {
      kind: 'ClusterRole',
      metadata: { name: 'x', labels },
      rules: [{ resources: ['ports/*'] }],
    };
    expect(checkManifests([role])).toEqual(['ClusterRole x has a wildcard']);
  });

  it('finds what lacks the recommended labels', () => {
    expect(checkManifests([{ kind: 'Service', metadata: { name: 'x' } }])).toHaveLength(1);
  });

  it('finds a kind that is not installed, not readable and not deleted', () => {
    expect(checkCrds([], [{ group: 'heddle.dev', plural: 'ports' }])).toHaveLength(3);
  });

  it('takes a right for another group’s kind of that name for none', () => {
    const role = (name: string) => ({
      kind: 'ClusterRole',
      metadata: { name, labels },
      rules: [{ apiGroups: ['heddle.dev'], resources: ['ports'], verbs: ['list'] }],
    });
    const roles = [role('heddle-operator'), role('heddle-cleanup')];
    expect(checkCrds(roles, [{ group: 'heddle.dev', plural: 'ports' }])).toHaveLength(1);
    expect(checkCrds(roles, [{ group: 'internal.heddle.dev', plural: 'ports' }])).toHaveLength(3);
  });

  it('finds an image that stays where it was when the registry is another', () => {
    const rendered = [
      '          image: r.example/h/agent:v1',
      '        - image: localhost/heddle/operator:dev',
      '            - name: HEDDLE_IMAGE_VPN',
      '              value: r.example/h/vpn@sha256:0',
      '                image:',
    ].join('\n');
    const images = imagesOf(rendered);
    expect(images).toHaveLength(3);
    expect(checkImages(images, { registry: 'r.example/h', tag: 'v1' })).toEqual([
      'localhost/heddle/operator:dev does not follow image.registry and image.tag',
      'r.example/h/vpn@sha256:0 does not follow image.registry and image.tag',
    ]);
    expect(checkImages([], { registry: 'r', tag: 'v' })).toEqual(['the chart names no image']);
  });
});
