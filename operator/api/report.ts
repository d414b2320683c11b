/** What an instance of a function says of itself at `GET /report`. */
export interface InstanceReport {
  /** `metadata.generation` of the resource whose rules are in the kernel. */
  readonly generation: number;
  /** Hash of the peers and sets that are applied. */
  readonly inputs: string;
  /** Why the newest generation or its inputs could not be applied; the last good ones stay in the kernel. */
  readonly error: { readonly field: string; readonly message: string } | null;
  /** Of firewalls; none of other kinds. */
  readonly rules: readonly RuleCount[];
  /** Packets logged. */
  readonly logged: number;
}

/** What one rule has taken since the instance began. */
export interface RuleCount {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
}
