import { RE2JS } from 're2js';
import { isJsonObject } from '../../serde/exact-json.ts';
import type { Incompatibility } from '../parsed-schema.ts';
import type { Containment } from './json-containment.ts';
import { dereferenced, type JsonNode, type Place } from './json-document.ts';
import { child, fault, type Keywords, mapOf, namesIn } from './json-keywords.ts';
import { countFaults } from './json-scalars.ts';

/**
 * Properties under a content model: open (any further property may be there), closed (none), or in between (those that
 * fit a schema or whose names fit a pattern). What the writer leaves open it may have written.
 */
export function objectFaults(
  containment: Containment,
  reader: Keywords,
  writer: Keywords,
  path: string,
): Incompatibility[] {
  const read = mapOf(reader, 'properties');
  const written = mapOf(writer, 'properties');
  const names = new Set([...Object.keys(read), ...Object.keys(written)]);
  return [
    ...[...names].flatMap((name) => propertyFaults(containment, reader, writer, name, path)),
    ...furtherFaults(containment, reader, writer, path),
    ...requiredFaults(reader, writer, path),
    ...countFaults(reader, writer, 'Properties', 'properties', path),
    ...nameFaults(containment, reader, writer, path),
    ...dependencyFaults(containment, reader, writer, path),
  ];
}

function propertyFaults(
  containment: Containment,
  reader: Keywords,
  writer: Keywords,
  name: string,
  path: string,
): Incompatibility[] {
  const place = `${path}/properties/${name}`;
  const isRead = name in mapOf(reader, 'properties');
  const isWritten = name in mapOf(writer, 'properties');
  const read = allowed(reader, name);
  const written = allowed(writer, name);
  if (isRead && isWritten) return containment.compare(read, written, place);
  if (containment.fits(read, written, place)) return [];
  if (isRead) {
    const rule =
      written.node === true
        ? 'PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL'
        : 'PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL';
    return [
      fault(
        rule,
        place,
        `The reader restricts the property '${name}', of which the writer's content model allows more`,
      ),
    ];
  }
  const rule =
    read.node === false
      ? 'PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL'
      : 'PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL';
  return [
    fault(
      rule,
      place,
      `The writer has the property '${name}', which the reader's content model does not allow`,
    ),
  ];
}

/** What a property of this name must fit. */
function allowed(keywords: Keywords, name: string): Place {
  const own = mapOf(keywords, 'properties')[name];
  if (own !== undefined) return child(keywords, own);
  const matching = Object.entries(mapOf(keywords, 'patternProperties'))
    .filter(([pattern]) => matches(pattern, name))
    .map(([, node]) => node);
  if (matching.length === 1) return child(keywords, matching[0]);
  if (matching.length > 1) return child(keywords, { allOf: matching });
  return child(keywords, further(keywords));
}

/** In linear time, whoever wrote the pattern. One that only backtracking could match matches nothing here. */
function matches(pattern: string, name: string): boolean {
  try {
    return RE2JS.compile(pattern).matcher(name).find();
  } catch {
    return false;
  }
}

/** What a property that is not named must fit. */
function further({ node }: Keywords): JsonNode {
  return (node.additionalProperties ?? node.unevaluatedProperties ?? true) as JsonNode;
}

/** Properties that neither side names. */
function furtherFaults(
  containment: Containment,
  reader: Keywords,
  writer: Keywords,
  path: string,
): Incompatibility[] {
  const [read, written] = [further(reader), further(writer)];
  const place = `${path}/additionalProperties`;
  const patterns = Object.entries(mapOf(writer, 'patternProperties')).flatMap(([pattern, node]) => {
    const same = mapOf(reader, 'patternProperties')[pattern] ?? read;
    return containment.compare(
      child(reader, same),
      child(writer, node),
      `${path}/patternProperties/${pattern}`,
    );
  });
  if (containment.fits(child(reader, read), child(writer, written), place))
    return [...patterns, ...addedPatterns(containment, reader, writer, path)];
  if (read === false)
    return [
      fault(
        'ADDITIONAL_PROPERTIES_REMOVED',
        place,
        'The reader allows no further properties, the writer does',
      ),
    ];
  const rule = 'ADDITIONAL_PROPERTIES_NARROWED';
  return [...patterns, fault(rule, place, 'The reader allows fewer further properties than the writer')];
}

function addedPatterns(
  containment: Containment,
  reader: Keywords,
  writer: Keywords,
  path: string,
): Incompatibility[] {
  const known = mapOf(writer, 'patternProperties');
  const added = Object.entries(mapOf(reader, 'patternProperties')).filter(([pattern]) => !(pattern in known));
  return added.flatMap(([pattern, node]) => {
    const place = `${path}/patternProperties/${pattern}`;
    if (containment.fits(child(reader, node), child(writer, further(writer)), place)) return [];
    return [
      fault(
        'PATTERN_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
        place,
        'The reader restricts properties that the writer leaves open',
      ),
    ];
  });
}

/** A property with a default is there for the reader even where it was not written. */
function requiredFaults(reader: Keywords, writer: Keywords, path: string): Incompatibility[] {
  const known = new Set(namesIn(writer.node.required));
  const wasNamed = mapOf(writer, 'properties');
  const added = namesIn(reader.node.required).filter((name) => !known.has(name) && !hasDefault(reader, name));
  return added.map((name) =>
    fault(
      name in wasNamed ? 'REQUIRED_ATTRIBUTE_ADDED' : 'REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL',
      `${path}/required/${name}`,
      `The reader requires the property '${name}', which has no default and need not be written`,
    ),
  );
}

function hasDefault(reader: Keywords, name: string): boolean {
  const own = mapOf(reader, 'properties')[name];
  const place = own === undefined ? undefined : dereferenced(child(reader, own));
  const here = isJsonObject(own) && 'default' in own;
  return here || (place !== undefined && isJsonObject(place.node) && 'default' in place.node);
}

function nameFaults(
  containment: Containment,
  reader: Keywords,
  writer: Keywords,
  path: string,
): Incompatibility[] {
  const { propertyNames } = reader.node;
  if (propertyNames === undefined) return [];
  const written = (writer.node.propertyNames ?? true) as JsonNode;
  return containment.compare(child(reader, propertyNames), child(writer, written), `${path}/propertyNames`);
}

/** `dependentRequired`, `dependentSchemas` and the older `dependencies`, which is either. */
function dependencyFaults(
  containment: Containment,
  reader: Keywords,
  writer: Keywords,
  path: string,
): Incompatibility[] {
  const read = dependenciesOf(reader);
  const written = dependenciesOf(writer);
  return [...read].flatMap(([name, dependency]) => {
    const place = `${path}/dependencies/${name}`;
    const other = written.get(name);
    if (Array.isArray(dependency)) {
      const known = Array.isArray(other) ? other : [];
      const added = dependency.filter((property) => !known.includes(property));
      if (added.length === 0) return [];
      const rule = known.length === 0 ? 'DEPENDENCY_ARRAY_ADDED' : 'DEPENDENCY_ARRAY_EXTENDED';
      return [
        fault(
          rule,
          place,
          `With '${name}' the reader requires ${added.join(', ')}, which need not be written`,
        ),
      ];
    }
    const node = other === undefined || Array.isArray(other) ? true : other;
    if (containment.fits(child(reader, dependency), child(writer, node), place)) return [];
    return [
      fault(
        'DEPENDENCY_SCHEMA_ADDED',
        place,
        `With '${name}' the reader takes fewer documents than the writer writes`,
      ),
    ];
  });
}

function dependenciesOf(keywords: Keywords): Map<string, JsonNode | string[]> {
  return new Map(
    ['dependencies', 'dependentRequired', 'dependentSchemas'].flatMap(
      (name) => Object.entries(mapOf(keywords, name)) as [string, JsonNode | string[]][],
    ),
  );
}
