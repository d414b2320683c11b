// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { NpmPackage } from '../../../../tools/build/npm-package.ts';
import { copyrightLines, renderNotice } from '../../../../tools/generate/notice.ts';

const mit = (holder: string): string => `MIT License\n\nCopyright (c) ${holder}\n\nPermission is granted.\n`;

function npm(name: string, text: string, license = 'MIT'): NpmPackage {
  return { name, version: '1.0.0', license, integrity: undefined, text };
}

describe('NOTICE', () => {
  it('names each package with its licence and who has the copyright, and each text once', () => {
    const notice = renderNotice({
      bundled: [
        npm('a', mit('Ann')),
        npm('b', mit('Bob')),
        npm('c', 'Copyright 2020 Cy\nDo as you like.', 'ISC'),
      ],
      copied: [npm('koffi', mit('Niels'))],
      nodeVersion: '24.1.0',
    });
    expect(notice).toContain(
      '- a 1.0.0 (MIT)\n    Copyright (c) Ann\n- b 1.0.0 (MIT)\n    Copyright (c) Bob\n',
    );
    expect(notice).toContain('- c 1.0.0 (ISC)\n    Copyright 2020 Cy\n');
    expect(notice).toContain('The licence of a 1.0.0, b 1.0.0, koffi 1.0.0:\n\nPermission is granted.\n');
    expect(notice.match(/Permission is granted/g)).toHaveLength(1);
    expect(notice).toContain('The licence of c 1.0.0:\n\nDo as you like.\n');
    expect(notice).toContain('Node.js 24.1.0');
  });

  it('does not take a sentence about copyright for a holder of it', () => {
    const text = [
      ' * Copyright (c) 2012 Ann <a@example.com>',
      'Copyright © 2013 Bob',
      '   copyright notice, this list of conditions and the following disclaimer.',
      'Copyright License. Subject to the terms of this',
      '   Copyright [yyyy] [name of copyright owner]',
    ].join('\n');
    expect(copyrightLines(text)).toEqual(['Copyright (c) 2012 Ann <a@example.com>', 'Copyright © 2013 Bob']);
  });
});
