#include "compat/conftest/proto_definitions.h"

#include <algorithm>

#include "base/ascii.h"
#include "compat/conftest/proto_reader.h"

namespace merlon::compat::conftest {
namespace {

// The well-known types, as far as their fields show in a textproto.
constexpr std::string_view kWellKnownFiles[] = {
    "google/protobuf/any.proto",      "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",    "google/protobuf/field_mask.proto",
    "google/protobuf/struct.proto",   "google/protobuf/timestamp.proto",
    "google/protobuf/wrappers.proto", "google/protobuf/descriptor.proto",
};
constexpr std::string_view kWellKnownTypes =
    "syntax = \"proto3\"; package google.protobuf;"
    "message Any { string type_url = 1; bytes value = 2; }"
    "message Timestamp { int64 seconds = 1; int32 nanos = 2; }"
    "message Duration { int64 seconds = 1; int32 nanos = 2; }"
    "message Empty {}"
    "message FieldMask { repeated string paths = 1; }"
    "message Struct { map<string, Value> fields = 1; }"
    "enum NullValue { NULL_VALUE = 0; }"
    "message Value { oneof kind { NullValue null_value = 1; double number_value = 2;"
    " string string_value = 3; bool bool_value = 4; Struct struct_value = 5;"
    " ListValue list_value = 6; } }"
    "message ListValue { repeated Value values = 1; }"
    "message DoubleValue { double value = 1; } message FloatValue { float value = 1; }"
    "message Int64Value { int64 value = 1; } message UInt64Value { uint64 value = 1; }"
    "message Int32Value { int32 value = 1; } message UInt32Value { uint32 value = 1; }"
    "message BoolValue { bool value = 1; } message StringValue { string value = 1; }"
    "message BytesValue { bytes value = 1; }";

}  // namespace

bool is_well_known_proto(std::string_view path) {
    return std::ranges::find(kWellKnownFiles, path) != std::end(kWellKnownFiles);
}

const ProtoField* ProtoMessage::find(std::string_view field) const {
    const auto found = fields.find(field);
    if (found != fields.end()) return found->second.get();
    for (const auto& [shown, one] : fields) {
        if (one->is_group && lower_case(shown) == field) return one.get();
    }
    return nullptr;
}

ProtoDefinitions::ProtoDefinitions() {
    const std::string path;
    static_cast<void>(ProtoReader(*this, path, kWellKnownTypes).read());
}

Status ProtoDefinitions::load(const std::string& path, std::string_view text) {
    if (!files_.insert(path).second) return {};
    return ProtoReader(*this, path, text).read();
}

const ProtoMessage* ProtoDefinitions::find_message(std::string_view name) const {
    if (!outermost_.contains(name)) return nullptr;
    const auto found = messages_.find(name);
    return found == messages_.end() ? nullptr : found->second.get();
}

const ProtoField* ProtoDefinitions::find_extension(std::string_view name,
                                                   const ProtoMessage& of) const {
    const auto found = extensions_.find(name);
    const bool fits = found != extensions_.end() && found->second.extended == of.name;
    return fits ? found->second.field.get() : nullptr;
}

}  // namespace merlon::compat::conftest
