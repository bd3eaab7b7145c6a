#include "connect/git/rename.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "connect/git/content.h"
#include "connect/git/span_counts.h"

namespace merlon::connect::git {
namespace {

constexpr std::uint32_t kMinimum = kFullSimilarity / 2;
constexpr std::uint32_t kMinimumOfNamesakes = kFullSimilarity / 4 * 3;
constexpr std::uint64_t kMaxPairs = 1'000 * 1'000;
constexpr std::size_t kMaxEqualSources = 100;  // of one content: more are not looked at
constexpr std::size_t kBestPerTarget = 4;

std::string_view file_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// One side of a possible rename.
struct File {
    std::size_t change;  // its place in the list of changes
    FileVersion version;
    std::string_view path;
    bool matched = false;

    // What has been found out about the content so far.
    std::optional<std::uint64_t> size = {};
    std::optional<SpanCounts> spans = {};
    bool unreadable = false;
};

// A pair that may be a rename. Higher similarity is better, then the same file name.
struct Candidate {
    std::size_t source = 0;
    std::size_t target = 0;
    std::uint32_t similarity = 0;
    bool same_name = false;

    bool better_than(const Candidate& other) const {
        if (similarity != other.similarity) return similarity > other.similarity;
        return same_name && !other.same_name;
    }
};

class Detection {
  public:
    Detection(const ObjectReader& reader, const Attributes& attributes, TreeDiff& diff)
        : reader_(reader), attributes_(attributes), diff_(diff) {
        for (std::size_t i = 0; i < diff.changes.size(); ++i) {
            const FileChange& change = diff.changes[i];
            if (change.kind == ChangeKind::kDeleted)
                sources_.push_back({i, change.before, change.path});
            if (change.kind == ChangeKind::kAdded)
                targets_.push_back({i, change.after, change.path});
        }
        source_of_.resize(targets_.size());
    }

    void run() {
        if (sources_.empty() || targets_.empty()) return;
        match_equal_contents();
        match_namesakes();
        match_best();
        rewrite();
    }

  private:
    struct Match {
        std::size_t source;
        std::uint32_t similarity;
    };

    void record(std::size_t source, std::size_t target, std::uint32_t similarity) {
        sources_[source].matched = true;
        targets_[target].matched = true;
        source_of_[target] = Match{source, similarity};
    }

    void match_equal_contents() {
        std::unordered_map<ObjectId, std::vector<std::size_t>> by_content;
        for (std::size_t i = 0; i < sources_.size(); ++i)
            by_content[sources_[i].version.id].push_back(i);
        for (std::size_t t = 0; t < targets_.size(); ++t) {
            const auto found = by_content.find(targets_[t].version.id);
            if (found == by_content.end()) continue;
            std::optional<std::size_t> chosen;
            std::size_t looked_at = 0;
            for (const std::size_t s : found->second) {
                // A link's text or a submodule's commit is the same thing only in the same mode.
                const bool both_regular =
                    is_regular(sources_[s].version.mode) && is_regular(targets_[t].version.mode);
                if (!both_regular && sources_[s].version.mode != targets_[t].version.mode) continue;
                if (sources_[s].matched) continue;
                const bool same_name = file_name(sources_[s].path) == file_name(targets_[t].path);
                if (!chosen || same_name) chosen = s;
                if (same_name || ++looked_at == kMaxEqualSources) break;
            }
            if (chosen) record(*chosen, t, kFullSimilarity);
        }
    }

    // The only unmatched file of each name.
    static std::unordered_map<std::string_view, std::optional<std::size_t>> only_ones(
        const std::vector<File>& files) {
        std::unordered_map<std::string_view, std::optional<std::size_t>> names;
        for (std::size_t i = 0; i < files.size(); ++i) {
            if (files[i].matched) continue;
            const auto [at, is_first] = names.try_emplace(file_name(files[i].path), i);
            if (!is_first) at->second.reset();
        }
        return names;
    }

    void match_namesakes() {
        const auto sources = only_ones(sources_);
        const auto targets = only_ones(targets_);
        for (std::size_t s = 0; s < sources_.size(); ++s) {
            if (sources_[s].matched) continue;
            const std::string_view name = file_name(sources_[s].path);
            const auto target = targets.find(name);
            if (target == targets.end() || !target->second || !sources.at(name)) continue;
            const std::uint32_t found = similarity(s, *target->second, kMinimumOfNamesakes);
            if (found >= kMinimumOfNamesakes) record(s, *target->second, found);
        }
    }

    void match_best() {
        std::vector<std::size_t> sources;
        std::vector<std::size_t> targets;
        for (std::size_t s = 0; s < sources_.size(); ++s)
            if (!sources_[s].matched) sources.push_back(s);
        for (std::size_t t = 0; t < targets_.size(); ++t)
            if (!targets_[t].matched) targets.push_back(t);
        if (std::uint64_t{sources.size()} * targets.size() > kMaxPairs) return;

        std::vector<Candidate> candidates;
        for (const std::size_t t : targets) {
            std::vector<Candidate> best;
            for (const std::size_t s : sources) keep_if_good(best, candidate(s, t));
            candidates.insert(candidates.end(), best.begin(), best.end());
        }
        std::ranges::stable_sort(candidates, [](const Candidate& left, const Candidate& right) {
            return left.better_than(right);
        });
        for (const Candidate& pair : candidates) {
            if (pair.similarity < kMinimum) break;
            if (sources_[pair.source].matched || targets_[pair.target].matched) continue;
            record(pair.source, pair.target, pair.similarity);
        }
    }

    Candidate candidate(std::size_t source, std::size_t target) {
        return {source, target, similarity(source, target, kMinimum),
                file_name(sources_[source].path) == file_name(targets_[target].path)};
    }

    // Of all sources, a target keeps the four best: the fifth replaces the worst, and of equally
    // bad ones the first. The order among the four decides between equals later.
    static void keep_if_good(std::vector<Candidate>& best, const Candidate& pair) {
        if (best.size() < kBestPerTarget) {
            best.push_back(pair);
            return;
        }
        std::size_t worst = 0;
        for (std::size_t i = 1; i < best.size(); ++i)
            if (best[worst].better_than(best[i])) worst = i;
        if (pair.better_than(best[worst])) best[worst] = pair;
    }

    // How much of the larger content the two share; 0 if it cannot reach `minimum`.
    std::uint32_t similarity(std::size_t s, std::size_t t, std::uint32_t minimum) {
        File& source = sources_[s];
        File& target = targets_[t];
        if (!is_regular(source.version.mode) || !is_regular(target.version.mode)) return 0;
        if (!find_size(source) || !find_size(target)) return 0;
        const std::uint64_t larger = std::max(*source.size, *target.size);
        const std::uint64_t smaller = std::min(*source.size, *target.size);
        if (larger * (kFullSimilarity - minimum) < (larger - smaller) * kFullSimilarity) return 0;
        if (*target.size == 0) return 0;
        if (!find_spans(source) || !find_spans(target)) return 0;
        return static_cast<std::uint32_t>(common_bytes(*source.spans, *target.spans) *
                                          kFullSimilarity / larger);
    }

    bool find_size(File& file) {
        if (file.size || file.unreadable) return !file.unreadable;
        const ObjectResult<std::uint64_t> size = reader_.size(file.version.id);
        if (!size.ok()) {
            give_up(file, size.error(), size.failure);
            return false;
        }
        file.size = size.value();
        return true;
    }

    bool find_spans(File& file) {
        if (file.spans || file.unreadable) return !file.unreadable;
        const ObjectResult<FileBytes> content = read_content(reader_, file.version);
        if (!content.ok()) {
            give_up(file, content.error(), content.failure);
            return false;
        }
        const std::string_view bytes = content.value().bytes;
        file.spans =
            counter_.count(bytes, content_kind(attributes_, file.path, file.version.mode, bytes));
        return true;
    }

    void give_up(File& file, const Error& error, ObjectFailure failure) {
        file.unreadable = true;
        diff_.problems.push_back({DiffProblemKind::kUnreadable, failure, file.version.id,
                                  std::string(file.path), error.to_string()});
    }

    // A renamed file stands where it was added; where it was deleted, nothing is left.
    void rewrite() {
        std::vector<bool> gone(diff_.changes.size());
        for (std::size_t t = 0; t < targets_.size(); ++t) {
            if (!source_of_[t]) continue;
            const File& source = sources_[source_of_[t]->source];
            FileChange& change = diff_.changes[targets_[t].change];
            change.kind = ChangeKind::kRenamed;
            change.old_path = source.path;
            change.before = source.version;
            change.similarity = source_of_[t]->similarity;
            gone[source.change] = true;
        }
        std::size_t kept = 0;
        for (std::size_t i = 0; i < diff_.changes.size(); ++i) {
            if (gone[i]) continue;
            if (kept != i) diff_.changes[kept] = std::move(diff_.changes[i]);
            ++kept;
        }
        diff_.changes.resize(kept);
    }

    const ObjectReader& reader_;
    const Attributes& attributes_;
    TreeDiff& diff_;
    std::vector<File> sources_;
    std::vector<File> targets_;
    std::vector<std::optional<Match>> source_of_;  // by target
    SpanCounter counter_;
};

}  // namespace

void detect_renames(const ObjectReader& reader, const Attributes& attributes, TreeDiff& diff) {
    Detection(reader, attributes, diff).run();
}

}  // namespace merlon::connect::git
