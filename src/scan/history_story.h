#pragma once

// The life of each secret in a history: which commits brought it to which path, which took it out.
//
// The idea: the walk (history_walk.h) knows which blobs stood at a path before and after each
// commit, the examination (history_examine.h) which secrets a blob holds at a path; what the second
// has and none of the first had came with that commit. So nothing is compared as text, and blobs
// without secrets cost nothing. Times are those of the history's order, oldest first.
//
// One thread. Memory: a few numbers for each secret and path.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scan/history_examine.h"
#include "scan/history_walk.h"

namespace merlon::scan {

enum class PlaceKind : std::uint8_t { kInFile, kInCommit, kInTag };

// A secret at a path. What an amended or abandoned commit did is told only where no commit that is
// easier to reach did the same: `step` is the first of the easiest to reach.
struct StoryPlace {
    PlaceKind kind = PlaceKind::kInFile;
    std::uint32_t secret = 0;
    std::uint32_t path = kNoNumber;     // kNoNumber: a message, or a blob without a path
    std::uint32_t step = kNoNumber;     // that brought it in first, see below; kNoNumber: no commit
    std::uint32_t object = kNoNumber;   // that held it then
    std::uint32_t removed = kNoNumber;  // the step that took it out last
    std::uint32_t head_object = kNoNumber;  // that holds it in HEAD
    std::vector<std::uint32_t> steps;       // all that brought it in
};

class HistoryStory {
  public:
    HistoryStory(const HistoryWalk& walk, const connect::git::ObjectCatalog& catalog)
        : walk_(walk), catalog_(catalog) {}

    // `messages` and `blobs` as they were examined; `head` as head_files() gives it.
    void tell(const std::vector<ObjectMatches>& blobs, const std::vector<ObjectMatches>& messages,
              std::span<const std::pair<std::uint32_t, std::uint32_t>> head);

    const std::vector<ContentMatch>& secrets() const { return secrets_; }
    // By secret, then in the order of the history.
    const std::vector<StoryPlace>& places() const { return places_; }

    // For each of the walk's tips, which of `steps` (at most 64) its history has, a bit each.
    std::vector<std::uint64_t> references_of(std::span<const std::uint32_t> steps) const;

  private:
    using Secrets = std::vector<std::uint32_t>;
    std::uint32_t number_of(const ContentMatch& match);
    const Secrets* secrets_of(std::uint32_t object, std::uint32_t path) const;
    void follow_step(std::uint32_t number);
    Reach reach_of(std::uint32_t step) const;
    void introduce(std::uint32_t secret, std::uint32_t path, std::uint32_t step,
                   std::uint32_t object);
    void take_out(std::uint32_t secret, std::uint32_t path, std::uint32_t step);
    void add_loose_blobs();
    void add_messages(const std::vector<ObjectMatches>& messages);

    const HistoryWalk& walk_;
    const connect::git::ObjectCatalog& catalog_;
    std::vector<ContentMatch> secrets_;
    std::map<ContentMatch, std::uint32_t> numbers_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Secrets> held_;         // by object and path
    std::vector<bool> holds_;                                                 // by object
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> known_;  // by secret and path
    std::vector<StoryPlace> places_;
};

}  // namespace merlon::scan
