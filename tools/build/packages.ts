// SPDX-License-Identifier: Apache-2.0
/** The npm packages of a bundle: esbuild says which file each byte came from. */

interface Outputs {
  readonly [path: string]: {
    readonly inputs: { readonly [path: string]: { readonly bytesInOutput: number } };
  };
}

/**
 * Pure: the folders of packages of which something is in the outputs, sorted (`node_modules/a/node_modules/b`, as
 * package-lock.json names them). What was read and left out by tree shaking is not among them.
 */
export function packageFolders(outputs: Outputs): readonly string[] {
  const folders = new Set<string>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
      if (folder && bytesInOutput > 0) folders.add(folder);
    }
  }
  return [...folders].sort();
}

/** Where a build notes the packages of a bundle, as JSON. */
export function packagesPath(output: string): string {
  return `${output}.packages.json`;
}
