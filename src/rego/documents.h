#pragma once

// Documents of several files as one: data.json of one folder beside that of another.
//
// The idea: a file's place wraps its document in objects, and objects are joined key by key. Two
// files that say what one place is contradict each other, whatever they say.
//
// Thread-safe: no state. Cost: linear in the objects that are joined on the way; depth is bounded.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "value/value.h"

namespace merlon::rego {

// {"a": {"b": document}} for the path a, b.
value::Value placed_at(std::span<const std::string> path, value::Value document,
                       value::Builder& values);

// What both objects have; nothing where they contradict each other, are no objects, or are nested
// too deeply.
std::optional<value::Value> joined(const value::Value& left, const value::Value& right,
                                   value::Builder& values);

// Where joined() fails first, in the order of the keys of the right one.
std::vector<std::string> conflict_of(const value::Value& left, const value::Value& right);
// The element at one step of a path into the base documents, as OPA's store finds it: steps are
// texts there, so that a number is an object's key too, and a text ("1", "01", "+1") a place in an
// array. Null where there is none.
const value::Value* stored_element(const value::Value& container, const value::Value& step);
// What stands at a place; null where nothing does.
const value::Value* found_at(const value::Value& document, std::span<const std::string> path);
// The object without what stands at that place. The empty path: without everything.
value::Value without(const value::Value& document, std::span<const std::string> path,
                     value::Builder& values);

}  // namespace merlon::rego
