// SPDX-License-Identifier: Apache-2.0
import type { Shell } from '../kind/shell.ts';
import type { Component } from './catalogue.ts';

export interface PushInput {
  readonly layout: string;
  readonly component: Component;
  /** The name with its tag. */
  readonly name: string;
  readonly plainHttp: boolean;
}

/** Copies an image of the layout to its registry, byte for byte; the credentials are those of `skopeo login`. */
export async function pushImage(
  shell: Shell,
  { layout, component, name, plainHttp }: PushInput,
): Promise<void> {
  const tls = plainHttp ? ['--dest-tls-verify=false'] : [];
  await shell.run('skopeo', [
    'copy',
    '--preserve-digests',
    ...tls,
    `oci:${layout}:${component}`,
    `docker://${name}`,
  ]);
}
