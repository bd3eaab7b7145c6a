#pragma once

// The expression that made a test fail, with what its variables stood for below it:
//
//     x == y
//     |    |
//     |    2
//     1
//
// The idea: of all failures in an evaluation the last one is the reason; but for `every`, whose
// body says more. Its text is made while its variables are known.
//
// Standard: OPA 1.22.2, `opa test --var-values`. Not thread-safe. Cost: a text for each failure.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compat/opa/trace.h"

namespace merlon::compat::opa {

// A part of an expression, as it was written, and what it stood for.
struct ShownValue {
    std::string title;
    std::optional<std::string> value;  // nothing: undefined
    std::uint32_t row = 0;
    std::uint32_t column = 0;
};
using ShownValues = std::map<std::string, ShownValue>;

// The expression that somebody wrote and that this one was made of; itself where it is that one.
const rego::syntax::Expression& written_expression(const rego::syntax::Expression& expression,
                                                   const rego::compiler::Offspring& offspring);
// What is known of the parts of the event's expression, and of all that was made of one with it.
ShownValues values_in(const rego::watch::Event& event, const rego::syntax::Expression& expression,
                      EventText& text);

class FailureLine : public rego::watch::EventListener {
  public:
    // The line of a file, without its end; empty where nobody knows it.
    using LineOf = std::function<std::string(const std::string& file, std::uint32_t row)>;

    // With variables hidden it is the expression alone.
    FailureLine(LineOf line_of, Variables variables)
        : line_of_(std::move(line_of)), variables_(variables) {}

    // Before the first event.
    void attach(EventText* text) { text_ = text; }
    void heard(const rego::watch::Event& event) override;
    // The place, the expression and its variables, indented as reports have them; empty where
    // nothing has failed.
    std::string text() const;

  private:
    std::string padded(const std::string& file, const rego::syntax::Location& location) const;
    std::string arrows(const std::string& file, const ShownValues& found) const;

    LineOf line_of_;
    Variables variables_;
    EventText* text_ = nullptr;
    std::string place_;
    std::string shown_;
};

}  // namespace merlon::compat::opa
