#pragma once

// What became of the line that a known finding stood at, from the texts of the two files: an answer
// of the matching (evidence/matching.h, LinesOf).
//
// The idea: a report may be of another text than the commit that it was given for, a working copy
// or a merge of two branches. So a file tells something only if it reads, at each line that a
// finding shows of it, as the finding does, and where the known one stood as that which may be it.
//
// Not thread-safe. Cost: a look at the lines of the findings of a file, once.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "evidence/line_changes.h"
#include "evidence/matching.h"
#include "evidence/occurrence.h"

namespace merlon::evidence {

// By number: which of them have equals in a file that has changed, so that a line that reads as one
// of before may be another one. `now` as below; asks of files with equals alone.
std::vector<bool> equals_in_changed_files(
    std::span<const Occurrence> now, const std::function<bool(std::string_view path)>& has_changed);

class ToldLines {
  public:
    // From a file as it was where a finding is known to a file of now; null: nobody knows.
    using Changes = std::function<const LineChanges*(
        const Before& known, std::string_view path_then, std::string_view path_now)>;

    // `now` is in the order of paths, and has to live as long as this.
    ToldLines(std::span<const Occurrence> now, PathName path_name, Changes changes)
        : now_(now), path_name_(std::move(path_name)), changes_(std::move(changes)) {}

    // Of a finding that reads as the one of that number does.
    std::optional<LinesNow> of(const Before& known, std::size_t number);
    // LikenessOf.
    std::optional<double> likeness(const Before& known, std::size_t number);

  private:
    const LineChanges* changes(const Before& known, const Occurrence& now);
    bool is_text_of(std::string_view path, const BareLines& text);

    std::span<const Occurrence> now_;
    PathName path_name_;
    Changes changes_;
    std::unordered_map<std::string_view, bool> is_text_;  // by path
};

}  // namespace merlon::evidence
