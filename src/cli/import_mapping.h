#pragma once

// A mapping in Rego: how a report of a tool without a reader of its own becomes one of ours.
//
// The idea: the policy package `merlon.import` sees the document as `input` and answers with an
// object (exchange/mapped_report.h). It has no clock, no network and bounded steps, so that the
// same document means the same findings for ever.
//
// Not thread-safe. Cost: compiling takes milliseconds, once for each command; then that of the
// document.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "exchange/foreign_report.h"
#include "exchange/mapped_report.h"

namespace merlon::cli {

class Mapping {
  public:
    // `text` of the file `name`. Fails with Rego's errors.
    static Result<Mapping> compile(const std::string& name, std::string_view text);
    Mapping(Mapping&&) noexcept;
    Mapping& operator=(Mapping&&) noexcept;
    ~Mapping();

    Result<exchange::ForeignReport> read(const exchange::ForeignInput& input,
                                         exchange::TreeSyntax syntax) const;

  private:
    struct Compiled;
    Mapping();
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace merlon::cli
