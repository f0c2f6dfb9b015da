import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import protobuf from 'protobufjs';
import { parseProtobuf } from './protobuf-schema.ts';

const EVERYTHING = `// A comment.
syntax = "proto3" ;
package a.b;
import public "x.proto"; import 'google/protobuf/' "any.proto";
option java_package = "j"; option optimize_for = SPEED;
option (my.option).part = { a: 1 b { c: "x" } d: [1, -2] };
message M {
  /* another */ reserved 2, 9 to 11, 100 to max; reserved "old", "older";
  option deprecated = true;
  int32 a = 1 [deprecated = true, json_name = "A"];
  optional string b = 3; repeated .a.b.M.N c = 4 [packed=false];
  map < string, N > d = 5;
  oneof o { option (my.one) = true; bytes e = 6; x.X f = 7; }
  message N { google.protobuf.Any any = 1; }
  enum E { option allow_alias = true; ZERO = 0; NIL = 0x0 [(my.value) = "v"]; MINUS = -1; reserved 5; }
  string message = 20; E enum = 21;
}
extend M { string extra = 12; }
service S { option deprecated = false; rpc One (M) returns (stream M.N); rpc Two (stream .a.b.M) returns (M) { option idempotency_level = NO_SIDE_EFFECTS; } }
`;
const KEPT = `syntax = "proto3";
package a.b;

import public "x.proto";
import "google/protobuf/any.proto";

option java_package = "j";
option optimize_for = SPEED;
option (my.option).part = { a: 1, b: { c: "x" }, d: [1, -2] };

message M {
  reserved 2, 9 to 11, 100 to max;
  reserved "old", "older";
  option deprecated = true;
  int32 a = 1 [deprecated = true, json_name = "A"];
  optional string b = 3;
  repeated .a.b.M.N c = 4 [packed = false];
  map<string, N> d = 5;
  string message = 20;
  E enum = 21;

  oneof o {
    option (my.one) = true;
    bytes e = 6;
    x.X f = 7;
  }

  message N {
    google.protobuf.Any any = 1;
  }

  enum E {
    reserved 5;
    option allow_alias = true;
    ZERO = 0;
    NIL = 0 [(my.value) = "v"];
    MINUS = -1;
  }
}

extend M {
  string extra = 12;
}

service S {
  option deprecated = false;
  rpc One (M) returns (stream M.N);
  rpc Two (stream .a.b.M) returns (M) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}
`;
const OTHERS = [{ name: 'x.proto', schema: 'syntax = "proto3"; package x; message X {}' }];

const PROTO2 = `syntax = "proto2";

message M {
  required int32 a = 1 [default = 5];
  optional string s = 2 [default = "x\\"y\\001"];
  optional bytes b = 4 [default = "\\xff\\000"];
  repeated group G = 3 {
    optional M m = 1;
  }
  extensions 100 to 199;

  extend M {
    optional int32 e = 100;
  }
}
`;

const WRONG: [schema: string, reason: RegExp][] = [
  ['message {', /the end|a name is expected.*line 1/],
  ['syntax = "proto4";', /the syntax "proto4" is unknown/],
  ['syntax = "proto3";\nmessage M { int32 a = 0; }', /0 is no number of a field \(line 2\)/],
  ['message M { optional int32 a = 1; optional int32 b = 1; }', /a and b of M have the same number 1/],
  ['message M { optional int32 a = 1; optional int32 a = 2; }', /field a twice/],
  ['message M { reserved 1 to 3; optional int32 a = 2; }', /number 2 .* is reserved/],
  ['message M { reserved "a"; optional int32 a = 2; }', /name of the field a .* is reserved/],
  ['message M { optional N a = 2; }', /type N of the field a of M is not defined/],
  ['message M {} message M {}', /"M" is defined twice/],
  ['syntax = "proto3"; enum E { A = 1; }', /must be zero in proto3/],
  ['enum E { A = 1; B = 1; }', /number that another one has/],
  ['import "other.proto";', /"other.proto" is none of the schema's references/],
  ['message M', /'\{' is expected/],
  ['message M { optional int32 a = 1', /';' is expected/],
  ['nonsense;', /'nonsense' begins no statement/],
  ['message M { optional string a = 1 [default = "x]; }', /does not belong here/],
];

describe('a Protobuf schema', () => {
  it('is kept in one layout, which reads as it was', () => {
    const schema = parseProtobuf(EVERYTHING, OTHERS);
    assert.equal(schema.text, KEPT);
    assert.equal(parseProtobuf(KEPT, OTHERS).text, KEPT);
    assert.equal(parseProtobuf(PROTO2, []).text, PROTO2);
    for (const text of [KEPT, PROTO2]) assert.doesNotThrow(() => protobuf.parse(text));
  });

  it('is normalized to the same text whatever the order and the way names are written', () => {
    const one =
      'syntax = "proto3"; package p; message B { A a = 2; int32 i = 1; } message A {} enum E { Z = 0; }';
    const other =
      'syntax = "proto3"; package p; enum E { Z = 0; } message A {} message B { int32 i = 1; .p.A a = 2; }';
    assert.notEqual(parseProtobuf(one, []).text, parseProtobuf(other, []).text);
    assert.equal(parseProtobuf(one, []).normalized, parseProtobuf(other, []).normalized);
  });

  it('comes and goes as a descriptor in base64', () => {
    const known = `syntax = "proto3";
package a.b;

import public "x.proto";
import "google/protobuf/any.proto";

option java_package = "j";
option optimize_for = SPEED;

message M {
  reserved 2, 9 to 11, 100 to max;
  reserved "old", "older";
  option deprecated = true;
  int32 a_b = 1 [json_name = "A", deprecated = true];
  optional string b = 3;
  repeated .a.b.M.N c = 4 [packed = false];
  map<string, .a.b.M.N> d_map = 5;

  oneof o {
    bytes e = 6;
    .x.X f = 7;
  }

  message N {
    .google.protobuf.Any any = 1;
    .a.b.M.E e = 2;
  }

  enum E {
    reserved 5;
    option allow_alias = true;
    ZERO = 0;
    NIL = 0 [deprecated = true];
    MINUS = -1;
  }
}

service S {
  rpc One (.a.b.M) returns (stream .a.b.M.N);
}
`;
    for (const [text, others] of [
      [known, OTHERS],
      ['syntax = "proto3";\n\nmessage Empty {}\n', []],
      ['edition = "2023";\npackage p;\n\nmessage M {\n  int32 a = 1;\n}\n', []],
    ] as const) {
      const serialized = parseProtobuf(text, others).formatted('serialized');
      assert.equal(parseProtobuf(serialized!, others).text, text);
    }
    const again = parseProtobuf(parseProtobuf(PROTO2, []).formatted('serialized')!, []);
    assert.equal(again.normalized, parseProtobuf(PROTO2, []).normalized);
  });

  it('keeps what is written in quotes', () => {
    const given = `message M { optional string a = 1 [default = 'it\\'s "so"' "\\n\\u00e9"]; }`;
    const kept = `[default = "it\\'s \\"so\\"\\n\\u00e9"]`;
    const schema = parseProtobuf(given, []);
    assert.ok(schema.text.includes(kept), schema.text);
    const again = parseProtobuf(schema.formatted('serialized')!, []);
    assert.ok(again.text.includes(`[default = "it's \\"so\\"\\né"]`), again.text);
  });

  it('is refused with the line of what is wrong', () => {
    for (const [schema, reason] of WRONG) assert.throws(() => parseProtobuf(schema, []), reason, schema);
  });
});
