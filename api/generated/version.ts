// Generated from package.json by `npm run generate`. Do not edit.

/** The release that this program is of. */
export const release = '0.1.0';
