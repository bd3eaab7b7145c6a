#pragma once

// What Git knows of the files of an analysis's commit and of another one that findings were seen
// at. Paths are those of the reports.
//
// Thread-safety, cost: the implementation's.

#include <cstdint>
#include <optional>
#include <string_view>

#include "evidence/line_changes.h"

namespace merlon::evidence {

class CommitFiles {
  public:
    CommitFiles() = default;
    CommitFiles(const CommitFiles&) = delete;
    CommitFiles& operator=(const CommitFiles&) = delete;
    virtual ~CommitFiles() = default;

    // Whether both commits come from one that has the file; nothing where Git does not tell.
    virtual std::optional<bool> was_common(std::string_view now, std::string_view then,
                                           std::string_view path) = 0;
    // And the code that stands in that line of the file of `then`: white space left out.
    virtual std::optional<bool> was_common(std::string_view now, std::string_view then,
                                           std::string_view path, std::uint32_t line,
                                           std::string_view code) = 0;
    // Whether `then` has the file as the commit that both come from; nothing where Git does not
    // tell.
    virtual std::optional<bool> is_as_at_base(std::string_view now, std::string_view then,
                                              std::string_view path) = 0;
    // Whether both have the file, and the same.
    virtual bool is_the_same(std::string_view now, std::string_view then,
                             std::string_view path) = 0;
    // From a file of `then` to one of `now`; null where Git does not tell. Lives as long as this.
    virtual const LineChanges* changes(std::string_view now, std::string_view then,
                                       std::string_view path_then, std::string_view path) = 0;
};

}  // namespace merlon::evidence
