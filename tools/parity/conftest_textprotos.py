"""Random textprotos for conftest_parity.py, and the definitions that they are read with."""

DEFINITIONS = """syntax = "proto3";
package t.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/wrappers.proto";
message M {
  reserved "old";
  message In { int64 x = 1; In next = 2; repeated uint32 n = 3; }
  enum E { A = 0; B = 1; C = 2; D = -1; }
  string s = 1; bytes b = 2; int32 i = 3; int64 l = 4; uint32 u = 5; uint64 v = 6; sint32 si = 7; fixed64 fx = 8;
  float f = 9; double d = 10; bool t = 11; E e = 12; In in = 13; repeated In ins = 14; repeated string ss = 15;
  repeated E es = 16; map<string, int32> m = 17; map<int64, In> mi = 18; map<bool, double> mb = 19;
  oneof o { string p = 20; In q = 21; } optional int32 oi = 22; optional string os = 23;
  google.protobuf.Timestamp at = 24; google.protobuf.Duration du = 25; google.protobuf.Struct st = 26;
  google.protobuf.Value va = 27; google.protobuf.StringValue w = 28; google.protobuf.UInt64Value wu = 29;
  google.protobuf.Any any = 30; repeated double ds = 31; map<string, E> me = 32; google.protobuf.BoolValue wb = 33;
}
"""
OLD = """syntax = "proto2";
package t.old;
message P {
  required string name = 1; optional int32 n = 2 [default = 5]; repeated bool bs = 3; optional double d = 4;
  optional group Part = 5 { optional bool on = 1; } extensions 100 to 200;
}
extend P { optional string tag = 100; }
"""
TEXTS = ('"a"', "'b'", '""', '"x\\n\\x41\\101"', '"a" \'b\'', '"\\u00e9"', '"\\""', '"\\xff"', '"é"')
WHOLE = ("0", "1", "-1", "5", "0x1F", "017", "2147483647", "-2147483648", "4294967295", "9223372036854775807", "18446744073709551615",
         "08", "1.5", "1e3", "- 7", "x", '"1"')
FLOATS = ("0", "1", "-0.0", "1.5", "1e3", "1.1f", ".5", "5.", "inf", "-inf", "nan", "Infinity", "1e400", "0x10", "017", "3.4028235e38", "1e39",
          "123456789", "1e-7")
TRUTHS = ("true", "false", "t", "f", "True", "False", "1", "0", "2", "TRUE", '"true"')
ENUMS = ("A", "B", "C", "D", "0", "1", "7", "-1", "Z")


def value(rng, kind, depth):
    if kind in ("string", "bytes"):
        return rng.choice(TEXTS)
    if kind == "whole":
        return rng.choice(WHOLE)
    if kind == "float":
        return rng.choice(FLOATS)
    if kind == "bool":
        return rng.choice(TRUTHS)
    if kind == "enum":
        return rng.choice(ENUMS)
    body = " ".join(one(rng, INSIDE, depth + 1) for _ in range(rng.randrange(0, 3) if depth < 4 else 0))
    return rng.choice(("{ %s }", "< %s >")) % body


def entry(rng, key, kind, depth):
    parts = [f"key: {rng.choice(key)}"] if rng.random() < 0.9 else []
    parts += [f"value{':' if kind != 'message' else ''} {value(rng, kind, depth)}"] if rng.random() < 0.9 else []
    return "{ " + rng.choice((" ", ", ", "; ")).join(parts) + " }"


def one(rng, fields, depth=0):
    name = rng.choice(sorted(fields))
    kind = fields[name]
    if isinstance(kind, tuple) and kind[0] == "raw":
        return rng.choice(kind[1:])
    colon = ":" if rng.random() < 0.97 and kind != "message" else rng.choice(("", ":")) if kind == "message" else ""
    if isinstance(kind, tuple) and kind[0] == "map":
        return f"{name} {entry(rng, kind[1], kind[2], depth)}" if rng.random() < 0.8 else \
            f"{name}: [{', '.join(entry(rng, kind[1], kind[2], depth) for _ in range(rng.randrange(0, 3)))}]"
    if isinstance(kind, tuple):
        if rng.random() < 0.5:
            return f"{name}: [{', '.join(value(rng, kind[1], depth) for _ in range(rng.randrange(0, 3)))}]"
        kind = kind[1]
    return f"{name}{colon} {value(rng, kind, depth)}" + rng.choice(("", "", ",", ";"))


INSIDE = {"x": "whole", "next": "message", "n": ("list", "whole")}
FIELDS = {
    "s": "string", "b": "bytes", "i": "whole", "l": "whole", "u": "whole", "v": "whole", "si": "whole", "fx": "whole", "f": "float", "d": "float",
    "t": "bool", "e": "enum", "in": "message", "ins": ("list", "message"), "ss": ("list", "string"), "es": ("list", "enum"),
    "m": ("map", TEXTS[:4], "whole"), "mi": ("map", ("1", "-5", "0"), "message"), "mb": ("map", ("true", "false"), "float"),
    "me": ("map", ('"a"', '"b"'), "enum"), "p": "string", "q": "message", "oi": "whole", "os": "string", "ds": ("list", "float"),
    "at": ("raw", "at {}", "at { seconds: 5 nanos: 20 }", "at { seconds: -62135596800 }", "at { seconds: 1e3 }", "at { seconds: 253402300800 }",
           "at { seconds: 1700000000 nanos: 120000000 }", "at { nanos: -1 }"),
    "du": ("raw", "du {}", "du { seconds: -3 nanos: -500000000 }", "du { nanos: 1 }", "du { seconds: 1 nanos: -1 }", "du { seconds: 90 }"),
    "st": ("raw", "st {}", "st { fields { key: 'a' value { number_value: 1.5 } } }", "st { fields { key: 'a' value {} } }",
           "st { fields { key: 'l' value { list_value { values { bool_value: true } values { null_value: NULL_VALUE } } } } }"),
    "va": ("raw", "va {}", "va { null_value: NULL_VALUE }", "va { string_value: 'x' }", "va { number_value: nan }", "va { struct_value {} }"),
    "w": ("raw", "w {}", "w { value: 'x' }"), "wu": ("raw", "wu {}", "wu { value: 7 }"), "wb": ("raw", "wb {}", "wb { value: false }"),
    "any": ("raw", "any {}", "any { [type.googleapis.com/t.v1.M] { i: 1 } }", "any { [x/google.protobuf.Duration] { seconds: 1 } }",
            "any { [nope/X] {} }"),
    "odd": ("raw", "old: 5", "old { a: 1 }", "nope: 1", "# a comment\n", "5: 1", "[a.b]: 1"),
}
OLD_FIELDS = {"name": "string", "n": "whole", "bs": ("list", "bool"), "d": "float",
              "part": ("raw", "Part { on: true }", "Part {}", "part { on: true }", "[t.old.tag]: 'x'", "[t.old.nope]: 1")}


def text(rng):
    if rng.random() < 0.2:
        fields = " ".join(one(rng, OLD_FIELDS) for _ in range(rng.randrange(0, 3)))
        return f"# proto-message: t.old.P\n{'name: ' + rng.choice(TEXTS[:3]) if rng.random() < 0.7 else ''} {fields}\n"
    body = "\n".join(one(rng, FIELDS) for _ in range(rng.randrange(0, 4)))
    return f"{rng.choice(('', '# x', ''))}\n# proto-message: t.v1.M\n{body}\n"
