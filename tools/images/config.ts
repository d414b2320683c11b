// SPDX-License-Identifier: Apache-2.0
/** Pure: an image's configuration with nothing in it that tells when or where it was built. */

/** The part of an engine's image configuration that says how to start the image. */
interface EngineConfig {
  readonly architecture: string;
  readonly os: string;
  readonly config?: {
    readonly Env?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly User?: string;
    readonly WorkingDir?: string;
  };
}

export interface ConfigInput {
  /** The JSON that the engine saved. */
  readonly engineConfig: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly created: string;
  /** Digests of the layers before they are compressed. */
  readonly diffIds: readonly string[];
}

export function renderConfig({ engineConfig, labels, created, diffIds }: ConfigInput): string {
  const { architecture, os, config = {} } = JSON.parse(engineConfig) as EngineConfig;
  return JSON.stringify({
    created,
    architecture,
    os,
    config: {
      ...(config.User ? { User: config.User } : {}),
      Env: config.Env ?? [],
      ...(config.Entrypoint ? { Entrypoint: config.Entrypoint } : {}),
      ...(config.Cmd ? { Cmd: config.Cmd } : {}),
      WorkingDir: config.WorkingDir || '/',
      Labels: labels,
    },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: diffIds.map(() => ({ created, created_by: 'npm run images' })),
  });
}
