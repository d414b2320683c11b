// SPDX-License-Identifier: Apache-2.0
interface Said {
  readonly type: string;
  readonly status: string;
  readonly message: string;
}

/** Messages of conditions that send the reader to another condition of the same object which is not False. */
export function danglingIn(conditions: readonly Said[]): readonly string[] {
  return conditions.flatMap(({ type, message }) =>
    [...message.matchAll(/(?<!\bits )\bconditions? ([A-Z]\w+)/g)].flatMap(([, other]) => {
      const found = conditions.find((each) => each.type === other);
      return found?.status === 'False'
        ? []
        : [`${type}, where ${other} is ${found?.status ?? 'missing'}: ${message}`];
    }),
  );
}
