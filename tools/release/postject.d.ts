// SPDX-License-Identifier: Apache-2.0
declare module 'postject' {
  /** Puts a resource into an ELF, Mach-O or PE file, in place. */
  export function inject(
    file: string,
    resource: string,
    data: Uint8Array,
    options?: { readonly sentinelFuse?: string },
  ): Promise<void>;
}
