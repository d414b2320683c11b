// SPDX-License-Identifier: Apache-2.0
/** The npm packages of a bundle: esbuild says which file each byte came from. */

interface Outputs {
  readonly [path: string]: {
    readonly inputs: { readonly [path: string]: { readonly bytesInOutput: number } };
  };
}

/**
 * Pure: the folders of the packages that have code in the outputs, sorted (`node_modules/a/node_modules/b`, as in
 * package-lock.json). Packages that tree shaking removed are not among them.
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

/** The path of the JSON file in which a build lists the packages of a bundle. */
export function packagesPath(output: string): string {
  return `${output}.packages.json`;
}
