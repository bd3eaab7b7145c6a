#pragma once

// One event of a trace as OPA prints it with --format json.
//
// The idea: an event is mostly the expression, rule or body that it is about, which comes again
// and again: that is written once and copied then.
//
// Standard: OPA 1.22.2, the JSON of topdown.Event. Not thread-safe. Cost: linear in the node and in
// what its variables stand for.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "compat/opa/trace.h"
#include "rego/syntax/json.h"
#include "text/json.h"

namespace merlon::compat::opa {

// "Enter", "Exit", "Eval", …
std::string_view name_of(rego::watch::Operation operation);

// JSON that was written with indents as it stands `levels` deeper.
std::string deeper(std::string_view json, std::size_t levels);

class EventJson {
  public:
    explicit EventJson(EventText& text);

    // With indents, as it stands by itself.
    std::string text(const rego::watch::Event& event);

  private:
    const std::string& node_of(const rego::watch::Event& event);
    std::string unification(const rego::watch::Event& event) const;
    void write_place(text::JsonWriter& json, const rego::watch::Event& event,
                     const rego::syntax::Location* place) const;
    void write_locals(text::JsonWriter& json, const rego::watch::Event& event) const;
    void write_metadata(text::JsonWriter& json, const rego::watch::Event& event) const;
    void write_reference(text::JsonWriter& json, std::string_view reference) const;
    // `depth`: how many arrays and objects are open.
    void write_term(text::JsonWriter& json, const rego::watch::Node& node, std::size_t depth) const;
    void write_content(text::JsonWriter& json, const rego::watch::Node& node,
                       std::size_t depth) const;

    EventText& text_;
    rego::syntax::JsonOptions options_;
    std::unordered_map<const void*, std::string> nodes_;
};

}  // namespace merlon::compat::opa
