#pragma once

// The life of a fact in a Git history: where it came in, who brought it, who took it out, and from
// where it can still be reached.
//
// The idea: one secret is one finding, however many commits and files hold it; each path at which
// it ever stood is a place with its own beginning and end. Values; in the order of the history.

#include <cstdint>
#include <string>
#include <vector>

#include "model/location.h"

namespace merlon::model {

struct HistoryPlace {
    // "commit"; "merge": no parent of the merge has it there; "commit-message"; "tag-message";
    // "note"; "index": staged, in no commit; "unreachable": in an object that no commit has.
    std::string kind;
    Location location;   // in the version that brought it in
    std::string object;  // the blob, commit or tag that holds it, in hexadecimal
    std::string commit;  // that brought it in; of a tag, the object that is tagged; may be empty
    std::string author;
    std::string email;
    std::string date;            // of the author (a tag: of the tagger), RFC 3339 in UTC
    std::string removed_commit;  // that took it out of this path last; empty: none did
    std::string removed_date;
    std::uint32_t head_line = 0;      // its line in HEAD; 0: it does not stand there
    std::uint64_t introductions = 1;  // how often commits brought it to this path
    bool operator==(const HistoryPlace&) const = default;
};

struct History {
    std::vector<HistoryPlace> places;
    // What leads to it, the most public name first: "references", "notes", "stash", "reflog",
    // "unreachable", "index".
    std::string reach;
    bool in_head = false;
    std::vector<std::string> references;  // by name; the first of them where there are many
    std::uint64_t reference_count = 0;
    bool operator==(const History&) const = default;
};

}  // namespace merlon::model

extern template class std::vector<merlon::model::HistoryPlace>;
