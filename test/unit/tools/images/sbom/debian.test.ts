// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { parseStatus } from '../../../../../tools/images/sbom/debian.ts';

it("an entry of dpkg's status is read, with a source of another name and version", () => {
  const status = `Package: libstdc++6
Status: install ok installed
Maintainer: Debian GCC Maintainers <debian-gcc@lists.debian.org>
Architecture: amd64
Source: gcc-12 (12.2.0-14)
Version: 12.2.0-14+b1
Description: GNU Standard C++ Library v3
 Version: this line is of the description
Homepage: http://gcc.gnu.org/
`;
  expect(parseStatus(status)).toEqual({
    name: 'libstdc++6',
    version: '12.2.0-14+b1',
    architecture: 'amd64',
    source: 'gcc-12 (12.2.0-14)',
    maintainer: 'Debian GCC Maintainers <debian-gcc@lists.debian.org>',
    homepage: 'http://gcc.gnu.org/',
  });
  expect(() => parseStatus('Package: x\n')).toThrow('has no Version');
});
