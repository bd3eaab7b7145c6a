#pragma once

// Messages of Protocol Buffers as JSON: what a textproto's fields become.
//
// The idea: the parts of a message are gathered under their names; what has no presence and is zero
// is left out, and the well-known types have forms of their own.
//
// Standard: ProtoJSON (protobuf.dev, "JSON Mapping") with the names of the definitions; numbers as
// encoding/json hands them to OPA. Thread-safe: no state. Cost: linear.

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "compat/conftest/proto_definitions.h"
#include "compat/conftest/values.h"
#include "value/value.h"

namespace merlon::compat::conftest {

struct ProtoScalar {
    value::Value value;
    std::string text;  // as a key of a map
    bool is_zero = false;
};

// The parts of one message by the names that JSON has for them.
struct ProtoParts {
    struct Part {
        const ProtoField* field = nullptr;
        std::vector<value::Value> items = {};                           // one, but for a list
        std::map<std::string, value::Value, std::less<>> entries = {};  // of a map
        std::string text = {};                                          // of the last scalar
        bool is_zero = false;
    };
    std::map<std::string, Part, std::less<>> all = {};

    const Part* find(std::string_view name) const {
        const auto found = all.find(name);
        return found == all.end() ? nullptr : &found->second;
    }
};

ProtoScalar float_scalar(double number, ProtoKind kind, value::Builder& values);
ProtoScalar enum_scalar(const ProtoEnum& of, std::int32_t number, value::Builder& values);
ProtoScalar zero_scalar(const ProtoField& field, value::Builder& values);

// Fails where a well-known type has a value that it must not have.
Result<value::Value> message_json(const ProtoMessage& message, const ProtoParts& parts,
                                  value::Builder& values);
// A message in a google.protobuf.Any, whose JSON is `inside`.
value::Value any_json(const ProtoMessage& message, std::string_view url, const value::Value& inside,
                      value::Builder& values);

}  // namespace merlon::compat::conftest
