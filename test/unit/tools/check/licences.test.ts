// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { findLicenceFault } from '../../../../tools/check/licences.ts';

test('a source file names its licence in its first lines', () => {
  expect(findLicenceFault('kube/a.ts', '// SPDX-License-Identifier: Apache-2.0\n')).toBeUndefined();
  expect(
    findLicenceFault('tools/a.sh', '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n'),
  ).toBeUndefined();
  expect(findLicenceFault('kube/a.ts', 'export {};\n')).toContain('name no licence');
});

test('programs of the data path have two licences to choose from', () => {
  const dual = '/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */\n';
  expect(findLicenceFault('agent/bpf/a.h', dual)).toBeUndefined();
  expect(findLicenceFault('agent/bpf/a.h', '/* SPDX-License-Identifier: Apache-2.0 */\n')).toContain(
    'say Apache-2.0',
  );
});

test('files that cannot carry a comment are left alone', () => {
  expect(findLicenceFault('package.json', '{}')).toBeUndefined();
});
