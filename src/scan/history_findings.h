#pragma once

// What a history's report shows of each secret: one finding with all its places.
//
// The idea: the story (history_story.h) says which versions of which files are shown; those are
// read once more, now for lines and excerpts, or recalled from an earlier run. Then places are
// described by their commits, and references looked for that still lead to them.
//
// An allowing comment holds for the version of a file in which it stands. So a secret is accepted
// by comments only where each version of each path that holds it has one: what a later commit wrote
// beside it, or an earlier one, says nothing of the others. Versions that are not shown are read
// for that where all that are shown allow it, and not kept.
//
// One call of make(). Memory: the findings of all versions that are shown, of which each keeps the
// others only as long as they are few: they are for the next run.

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "connect/git/repository.h"
#include "model/coverage.h"
#include "model/finding.h"
#include "scan/history_recall.h"
#include "scan/history_story.h"
#include "scan/secret_mask.h"

namespace merlon::scan {

class HistoryFindings {
  public:
    // `blobs`: all matches of files. `recalled` may be null.
    HistoryFindings(const connect::git::Repository& repository,
                    const connect::git::ObjectCatalog& catalog, const HistoryWalk& walk,
                    const HistoryStory& story, const std::vector<ObjectMatches>& blobs,
                    const ExamineOptions& options, const RecalledHistory* recalled,
                    const SecretMask& mask)
        : repository_(repository),
          catalog_(catalog),
          walk_(walk),
          story_(story),
          blobs_(blobs),
          options_(options),
          recalled_(recalled),
          mask_(mask) {}

    void make();
    std::vector<model::Finding> take_findings() { return std::move(findings_); }
    // All secrets of the versions that are shown.
    void add_to(SecretMask& mask) const;
    // Of versions that could not be read, or not whole.
    const std::vector<model::Gap>& gaps() const { return gaps_; }
    // Adds the versions that are shown, where nothing else is to be told of them.
    void remember(MadeCheckpoint& made) const;

  private:
    // One version of a file, or a message, that a finding shows.
    struct Version {
        std::uint32_t object = 0;
        std::uint32_t path = kNoNumber;
        PlaceKind kind = PlaceKind::kInFile;
        auto operator<=>(const Version&) const = default;
    };
    struct Shown {
        std::vector<model::Finding> findings;
        std::vector<std::string> tags;  // of each one's secret
        std::vector<SecretPrint> prints;
        bool is_whole = true;
        std::vector<std::uint32_t> by_tag = {};  // the findings' places in the order of their tags
    };

    // The id of a step's commit, and who made it and when.
    struct Described {
        std::string commit;
        std::string date;
        std::string author;
        std::string email;
    };

    // What is read of one version, before it is known how much of it is kept.
    struct Read {
        FileFindings found;
        std::vector<model::Gap> gaps;
        bool is_whole = true;
    };
    // A version, and the secrets that are shown of it: numbers in the story.
    using Needs = std::vector<std::pair<Version, std::uint32_t>>;

    bool is_cancelled() const { return options_.cancel != nullptr && options_.cancel->cancelled(); }
    std::string path_of(const Version& version) const;
    std::vector<Version> recall_versions(const std::vector<Version>& wanted);
    void read_versions();
    void add_version(const Version& version, Shown shown);
    void find_tag_names();
    Needs needs_of_versions() const;
    std::vector<bool> read_in_part(const std::vector<Version>& wanted, const Needs& needs) const;
    using Only = std::vector<const ContentMatch*>;  // sorted
    void read_version(const Version& version, const Only* only, secrets::Program::Scratch& scratch,
                      Read& read) const;
    Shown shown_of(const Version& version, Read& read) const;
    void keep_first(std::vector<Read>& all);
    std::vector<const model::Finding*> findings_of_secret(const Version& version,
                                                          const ContentMatch& secret) const;
    bool are_shown_allowed(std::span<const StoryPlace> places) const;
    bool is_open_in(const Shown& shown, const ContentMatch& secret) const;
    void find_open_secrets();
    void make_finding(std::span<const StoryPlace> places);
    Reach reach_of(const StoryPlace& place) const;
    model::HistoryPlace place_of(const StoryPlace& place, const model::Finding& then);
    const Described& describe(std::uint32_t step);
    void describe_tag(std::uint32_t number, model::HistoryPlace& shown) const;
    void add_references();
    void name_references(std::size_t finding, const std::vector<bool>& leads);

    const connect::git::Repository& repository_;
    const connect::git::ObjectCatalog& catalog_;
    const HistoryWalk& walk_;
    const HistoryStory& story_;
    const std::vector<ObjectMatches>& blobs_;
    const ExamineOptions& options_;
    const RecalledHistory* recalled_;
    const SecretMask& mask_;  // for its prints
    std::map<Version, Shown> versions_;
    // Secrets that the versions that are shown allow, and another one does not.
    std::set<ContentMatch> open_elsewhere_;
    std::unordered_map<std::uint32_t, Described> described_;  // by step: thousands share one
    std::vector<model::Finding> findings_;
    std::vector<std::vector<std::uint32_t>> steps_;  // of each finding: where it came in
    std::vector<std::vector<std::uint32_t>> tags_;   // and the annotated tags that hold it
    std::map<std::uint32_t, std::vector<std::string>> tag_names_;  // of a tag, by object
    std::vector<model::Gap> gaps_;
};

}  // namespace merlon::scan
