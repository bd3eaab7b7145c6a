#pragma once

// Commits and tags as values (gitformat: git-cat-file(1), gitglossary "commit object").
//
// The idea: what git itself needs of a commit is strict (tree, parents), and everything else is
// taken as it stands, because histories hold every kind of broken identity, date and encoding. The
// rules are git's: the date that orders a walk is the number behind the committer's first '>', 0
// where there is none; an identity's name and address end where git's log thinks they end.
//
// Views into the object's bytes, which the caller keeps. Thread-safe: no state. Cost: the headers.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connect/git/object.h"

namespace merlon::connect::git {

// An author, committer or tagger: "Name <address> seconds zone".
struct Identity {
    std::string_view name;
    std::string_view email;
    std::uint64_t seconds = 0;  // since 1970; 0 where there is no date
    std::string_view zone;      // "+0100" as it stands; empty where there is none
    bool has_date = false;

    // The zone in minutes east of UTC, as git reads it: hours and minutes of the number.
    int zone_minutes() const;
};

// Reads what stands behind "author ". Nothing where there is no "<...>".
std::optional<Identity> parse_identity(std::string_view line);

struct Commit {
    ObjectId tree;
    std::vector<ObjectId> parents;
    std::uint64_t date = 0;   // the committer's, for the order of walks
    std::string_view author;  // the raw lines behind the keywords
    std::string_view committer;
    std::string_view encoding;  // empty: UTF-8
    std::string_view message;   // behind the first empty line
};

// Fails where git would not take it for a commit: no tree, or a parent that is no id.
Result<Commit> parse_commit(std::string_view bytes, HashAlgorithm algorithm);

struct Tag {
    ObjectId target;
    ObjectType target_type = ObjectType::kCommit;
    std::string_view name;
    std::string_view tagger;  // raw; empty in very old tags
    std::string_view message;
};

Result<Tag> parse_tag(std::string_view bytes, HashAlgorithm algorithm);

// What people and their tools wrote into a commit or a tag: its message, and behind that, on lines
// of their own, all headers that git has no use for or that hold a text: signatures, merged tags
// with their messages (mergetag), what nobody knows. Lines that continue a header lose their space.
// Left out are the first of tree, author and committer, parents, and the same of a tag.
// Empty for what is neither commit nor tag.
std::string text_of(ObjectType type, std::string_view bytes, HashAlgorithm algorithm);

}  // namespace merlon::connect::git
