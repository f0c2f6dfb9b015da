import type { Incompatibility } from '../parsed-schema.ts';
import type { Containment } from './json-containment.ts';
import type { JsonNode } from './json-document.ts';
import { child, fault, type Keywords } from './json-keywords.ts';
import { countFaults } from './json-scalars.ts';

interface Items {
  /** Of the first positions, one each. */
  readonly tuple: readonly JsonNode[];
  /** Of all positions behind them. */
  readonly rest: JsonNode;
}

/** Items one by one, then all that follow. */
export function arrayFaults(
  containment: Containment,
  reader: Keywords,
  writer: Keywords,
  path: string,
): Incompatibility[] {
  const read = itemsOf(reader);
  const written = itemsOf(writer);
  const positions = Array.from(
    { length: Math.max(read.tuple.length, written.tuple.length) },
    (_, index) => index,
  );
  const found = positions.flatMap((index) => itemFaults(containment, reader, writer, index, path));
  const place = `${path}/${read.tuple.length > 0 ? 'additionalItems' : 'items'}`;
  const rest = containment.compare(child(reader, read.rest), child(writer, written.rest), place);
  if (rest.length > 0 && read.rest === false)
    found.push(
      fault('ADDITIONAL_ITEMS_REMOVED', place, 'The reader allows no further items, the writer does'),
    );
  else found.push(...rest);
  return [
    ...found,
    ...countFaults(reader, writer, 'Items', 'items', path),
    ...uniqueFaults(reader, writer, path),
    ...containsFaults(containment, reader, writer, path),
  ];
}

function itemFaults(
  containment: Containment,
  reader: Keywords,
  writer: Keywords,
  index: number,
  path: string,
): Incompatibility[] {
  const [read, written] = [itemsOf(reader), itemsOf(writer)];
  const place = `${path}/items/${index}`;
  const taken = read.tuple[index] ?? read.rest;
  const given = written.tuple[index] ?? written.rest;
  const found = containment.compare(child(reader, taken), child(writer, given), place);
  if (found.length === 0) return [];
  if (index >= written.tuple.length && given === true)
    return [
      fault(
        'ITEM_ADDED_TO_OPEN_CONTENT_MODEL',
        place,
        'The reader restricts an item that the writer leaves open',
      ),
    ];
  if (index >= read.tuple.length && taken === false)
    return [
      fault(
        'ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL',
        place,
        'The writer has an item that the reader does not allow',
      ),
    ];
  return found;
}

/** Drafts up to 2019-09 give a list as `items` and the rest as `additionalItems`; later ones `prefixItems` and `items`. */
function itemsOf({ node }: Keywords): Items {
  if (Array.isArray(node.items))
    return { tuple: node.items as JsonNode[], rest: (node.additionalItems ?? true) as JsonNode };
  const tuple = Array.isArray(node.prefixItems) ? (node.prefixItems as JsonNode[]) : [];
  return { tuple, rest: (node.items ?? node.unevaluatedItems ?? true) as JsonNode };
}

function uniqueFaults(reader: Keywords, writer: Keywords, path: string): Incompatibility[] {
  if (reader.node.uniqueItems !== true || writer.node.uniqueItems === true) return [];
  return [
    fault(
      'UNIQUE_ITEMS_ADDED',
      `${path}/uniqueItems`,
      'The reader takes no item twice, the writer may write one so',
    ),
  ];
}

function containsFaults(
  containment: Containment,
  reader: Keywords,
  writer: Keywords,
  path: string,
): Incompatibility[] {
  const { contains } = reader.node;
  if (contains === undefined) return [];
  const place = `${path}/contains`;
  const known = writer.node.contains;
  const isKept =
    known !== undefined && containment.fits(child(reader, contains), child(writer, known), place);
  return isKept
    ? []
    : [fault('CONTAINS_ADDED', place, 'The reader demands an item that the writer need not write')];
}
