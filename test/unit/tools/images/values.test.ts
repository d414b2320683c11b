// SPDX-License-Identifier: Apache-2.0
import { load } from 'js-yaml';
import { expect, it } from 'vitest';
import { components } from '../../../../tools/images/catalogue.ts';
import { renderValues } from '../../../../tools/images/values.ts';

it('the values name the digest of every image where the chart looks for it', () => {
  const digests = { operator: 'o', agent: 'a', firewall: 'f', loadbalancer: 'l', custom: 'c', vpn: 'v' };
  const values = load(renderValues({ registry: 'r.example/heddle', tag: 'v1', digests }));
  expect(values).toEqual({
    image: { registry: 'r.example/heddle', tag: 'v1' },
    operator: { image: { digest: 'o' } },
    agent: { image: { digest: 'a' } },
    functions: {
      firewall: { image: { digest: 'f' } },
      loadbalancer: { image: { digest: 'l' } },
      custom: { image: { digest: 'c' } },
      vpn: { image: { digest: 'v' } },
    },
  });
  expect(components.map(({ component }) => component).sort()).toEqual(Object.keys(digests).sort());
});
