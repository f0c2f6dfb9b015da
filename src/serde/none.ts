import { type Format, SerdeError } from './format.ts';

/** NONE: no columns, no bytes. A stream without a key may still meet records that have one; it is not looked at. */
export const noneFormat: Format = {
  name: 'NONE',
  decoder(columns) {
    if (columns.length > 0) throw new SerdeError('The NONE format cannot hold columns');
    return () => true;
  },
  writer(columns) {
    if (columns.length > 0) throw new SerdeError('The NONE format cannot hold columns');
    return () => false;
  },
};
