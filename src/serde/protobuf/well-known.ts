/**
 * Files that schemas import without giving them: those that come with Protocol Buffers and with schema registries, as
 * far as SQL knows their messages. Options of fields (confluent/meta.proto) are read without their definition.
 */
export const WELL_KNOWN_FILES: Readonly<Record<string, string>> = {
  'google/protobuf/timestamp.proto': proto(
    'google.protobuf',
    'message Timestamp { int64 seconds = 1; int32 nanos = 2; }',
  ),
  'google/protobuf/duration.proto': proto(
    'google.protobuf',
    'message Duration { int64 seconds = 1; int32 nanos = 2; }',
  ),
  'google/protobuf/wrappers.proto': proto(
    'google.protobuf',
    'message DoubleValue { double value = 1; } message FloatValue { float value = 1; }',
    'message Int64Value { int64 value = 1; } message UInt64Value { uint64 value = 1; }',
    'message Int32Value { int32 value = 1; } message UInt32Value { uint32 value = 1; }',
    'message BoolValue { bool value = 1; } message StringValue { string value = 1; }',
    'message BytesValue { bytes value = 1; }',
  ),
  'google/protobuf/any.proto': proto(
    'google.protobuf',
    'message Any { string type_url = 1; bytes value = 2; }',
  ),
  'google/protobuf/empty.proto': proto('google.protobuf', 'message Empty {}'),
  'google/protobuf/field_mask.proto': proto(
    'google.protobuf',
    'message FieldMask { repeated string paths = 1; }',
  ),
  'google/protobuf/struct.proto': proto(
    'google.protobuf',
    'message Struct { map<string, Value> fields = 1; }',
    'message Value { oneof kind { NullValue null_value = 1; double number_value = 2; string string_value = 3;',
    'bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6; } }',
    'enum NullValue { NULL_VALUE = 0; } message ListValue { repeated Value values = 1; }',
  ),
  // What files that define options of their own extend.
  'google/protobuf/descriptor.proto': proto(
    'google.protobuf',
    ...['File', 'Message', 'Field', 'Oneof', 'Enum', 'EnumValue', 'Service', 'Method'].map(
      (name) => `message ${name}Options { extensions 1000 to max; }`,
    ),
  ).replace('proto3', 'proto2'),
  'google/type/date.proto': proto(
    'google.type',
    'message Date { int32 year = 1; int32 month = 2; int32 day = 3; }',
  ),
  'google/type/timeofday.proto': proto(
    'google.type',
    'message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }',
  ),
  'confluent/type/decimal.proto': proto(
    'confluent.type',
    'message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }',
  ),
  'confluent/meta.proto': proto('confluent', ''),
};

function proto(packageName: string, ...body: string[]): string {
  return `syntax = "proto3"; package ${packageName}; ${body.join(' ')}`;
}
