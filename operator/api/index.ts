export * from './address.ts';
export * from './cidr.ts';
export type * from './generated/types.ts';
export * from './mac.ts';
export * from './names.ts';
export type * from './objects.ts';
