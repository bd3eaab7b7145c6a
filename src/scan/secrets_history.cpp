#include "scan/secrets_history.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/thread_pool.h"
#include "connect/files/excludes.h"
#include "connect/git/log_arguments.h"
#include "connect/git/repository.h"
#include "connect/git/shallow_advice.h"
#include "crypto/digest.h"
#include "scan/history_cache.h"
#include "scan/history_examine.h"
#include "scan/history_findings.h"
#include "scan/history_gaps.h"
#include "scan/history_recall.h"
#include "scan/history_report.h"
#include "scan/history_story.h"
#include "scan/history_walk.h"
#include "scan/range_tags.h"
#include "scan/secrets_scan.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

// With so many new objects a checkpoint is written anew; fewer are looked at again next time.
constexpr std::size_t kManyNew = 256;

enum class Recall : std::uint8_t { kAllowed, kRefused };

// How a shallow clone is mended where this runs; empty: not known.
std::string advice_of(const HistoryScan& request) {
    return request.pipeline ? request.pipeline->checkout_advice : std::string();
}

// The commits that are meant.
struct Asked {
    std::optional<git::WalkRequest> walk;  // nothing: everything
    std::vector<std::string> revisions;
    std::vector<std::string> notices;
};

class HistoryRun {
  public:
    HistoryRun(const HistoryScan& request, const git::Repository& repository, const Asked& asked,
               Recall recall)
        : request_(request),
          asked_(asked),
          repository_(repository),
          catalog_(git::ObjectCatalog::of(repository.objects())),
          walk_options_{asked.walk, request.threads, request.cancel},
          walk_(repository, catalog_, walk_options_),
          story_(walk_, catalog_),
          room_(request.max_matches, request.max_finding_bytes) {
        options_.findings = request.findings;
        options_.read = request.read;
        options_.threads = request.threads;
        options_.cancel = request.cancel;
        options_.progress = request.progress;
        options_.room = &room_;
        if (recall == Recall::kAllowed) recall_checkpoint();
        if (recalled_) {
            options_.known = &recalled_->known;
            options_.tag_key = recalled_->tag_key;
            return;
        }
        sample_ = sample_of(catalog_);
        if (const auto key = key_of_sample(repository.objects(), sample_)) {
            options_.tag_key = *key;
        } else {
            sample_.clear();  // damaged: tags serve this run alone
        }
        if (request.cache != nullptr) {
            cache_.emplace(*request.cache, cache_scope(), repository.algorithm());
            options_.cache = &*cache_;
        }
    }

    // Nothing where what was recalled does not suffice: something is missing or damaged, which only
    // a run that looks at everything tells.
    std::optional<model::Report> run() {
        report_ = start_history_report(request_, repository_, asked_.revisions, asked_.notices);
        read_messages();
        stage("reading the history", 0);
        walk_.run(commits_, recalled_ ? &recalled_->walk : nullptr);
        if (recalled_) recalled_->place_paths(walk_.past_paths());
        read_blobs();
        keep_matches();
        // Which secrets are kept depends on the key of their tags.
        if (recalled_ && (!is_sound() || room_.is_limited())) return std::nullopt;
        story_.tell(blobs_.found, messages_.found, walk_.head_files());
        stage("telling where secrets came from", 0);
        SecretMask mask(options_.tag_key);
        HistoryFindings findings(repository_, catalog_, walk_, story_, blobs_.found, options_,
                                 recalled_ ? &*recalled_ : nullptr, mask);
        findings.make();
        if (request_.progress != nullptr) request_.progress->finish();
        findings.add_to(mask);
        store(findings, mask);
        report_.findings = findings.take_findings();
        add_objects({catalog_, walk_, messages_, blobs_, is_ranged()}, report_.coverage);
        model::append(findings.gaps(), report_.coverage.gaps);
        HistoryGaps{repository_, catalog_, walk_, messages_, blobs_, advice_of(request_)}.add_to(
            report_);
        finish_history_report(request_, repository_, blobs_.left_out + messages_.left_out, report_);
        if (request_.findings.show_secrets == ShowSecrets::kMasked) mask.apply(report_);
        return std::move(report_);
    }

  private:
    bool is_ranged() const { return walk_options_.range.has_value(); }

    void stage(const char* what, std::uint64_t total) {
        if (request_.progress != nullptr) request_.progress->stage(what, total);
    }

    // All that decides whether an object holds nothing, beside its bytes and its paths.
    std::string cache_scope() const {
        const Limits& limits = request_.read.limits;
        return fmt::format("{}\n{}\n{}\n{} {} {} {} {} {} {}", repository_.common_folder(),
                           request_.build, request_.findings.program->digest(),
                           static_cast<int>(request_.findings.doubtful),
                           static_cast<int>(request_.read.members), limits.max_file_bytes,
                           limits.max_archive_depth, limits.max_archive_bytes,
                           limits.max_archive_member_bytes, limits.max_archive_members);
    }

    // And all that decides how a finding is shown.
    std::string checkpoint_key() const {
        crypto::Hasher excludes(crypto::DigestAlgorithm::kSha256);
        for (const std::string& pattern : request_.excludes) excludes.update(pattern + '\n');
        return fmt::format("secrets-history-checkpoint/3\n{}\n{} {}\n{}\n{}",
                           crypto::sha256(request_.findings.key.value_or("")).to_string(),
                           request_.findings.key.has_value(),
                           request_.findings.max_findings_per_file, excludes.finish().to_string(),
                           cache_scope());
    }

    // A checkpoint tells of everything, of parents as they stand in the commits, and of no secret.
    bool may_keep_checkpoint() const {
        return request_.cache != nullptr && !is_ranged() &&
               request_.findings.show_secrets == ShowSecrets::kMasked &&
               repository_.replacement_count() == 0 && repository_.grafts().empty() &&
               repository_.shallow().empty() && repository_.gaps().empty();
    }

    void recall_checkpoint() {
        if (!may_keep_checkpoint()) return;
        const auto bytes = request_.cache->get(checkpoint_key());
        if (!bytes) return;
        auto checkpoint = parse_checkpoint(*bytes, repository_.algorithm());
        if (checkpoint) recalled_ = recall(repository_, catalog_, *std::move(checkpoint));
    }

    // Whether everything that was needed could be read.
    bool is_sound() const {
        return walk_.lost().empty() && walk_.history().problems().empty() &&
               messages_.bulk.problems.empty() && blobs_.bulk.problems.empty() &&
               !request_.cancel->cancelled();
    }

    // No secret stands in a checkpoint: one with a path that holds one is not kept.
    void store(const HistoryFindings& findings, const SecretMask& mask) {
        if (request_.cancel->cancelled()) return;
        if (cache_) {
            cache_->store(is_ranged() ? HistoryCache::Asked::kSome
                                      : HistoryCache::Asked::kEverything);
        }
        if (room_.is_limited()) return;
        if (!may_keep_checkpoint() || !is_sound() || (!recalled_ && sample_.empty())) return;
        if (recalled_ && recalled_->known.unknown.size() < kManyNew) return;
        auto made = make_checkpoint({catalog_, walk_, commits_, path_facts_, messages_, blobs_,
                                     recalled_ ? &recalled_->known : nullptr});
        if (!made) return;
        findings.remember(*made);
        made->checkpoint.sample = recalled_ ? recalled_->sample : sample_;
        for (model::Finding& finding : made->checkpoint.findings) mask.apply_to_texts(finding);
        const std::string bytes = serialize(made->checkpoint);
        if (!mask.is_in(bytes)) request_.cache->put(checkpoint_key(), bytes);
    }

    ObjectExaminer examiner() const { return {catalog_, walk_.paths(), path_facts_, options_}; }

    // In a range only its own commits' messages are examined: they are known after the walk.
    void read_messages() {
        if (is_ranged()) return;
        stage("reading commits", 0);
        if (recalled_) commits_ = std::move(recalled_->commits);
        std::vector<std::vector<HistoryWalk::KnownCommit>> read(
            std::max<std::size_t>(request_.threads, 1));
        messages_ = examiner().examine_messages(
            [this](std::uint32_t number) { return catalog_.is_first_copy(number); },
            [&](unsigned worker, const git::BulkObject& object) {
                if (recalled_ || object.type != git::ObjectType::kCommit) return;
                const auto id = catalog_.id_of(object.number);
                if (!id.ok()) return;
                read[worker].push_back(
                    known_commit(id.value(), object.bytes, repository_.algorithm()));
            });
        for (std::vector<HistoryWalk::KnownCommit>& some : read) {
            std::ranges::move(some, std::back_inserter(commits_));
        }
        if (!recalled_) sort_by_id(commits_);
    }

    void find_path_facts() {
        path_facts_.resize(walk_.paths().size());
        std::vector<bool> is_known(path_facts_.size(), false);
        if (recalled_) {
            for (std::size_t past = 0; past < recalled_->path_facts.size(); ++past) {
                const std::uint32_t path = walk_.past_paths()[past];
                if (path == kNoNumber) continue;
                path_facts_[path] = std::move(recalled_->path_facts[past]);
                is_known[path] = true;
            }
        }
        const connect::Excludes excludes(request_.excludes);
        ThreadPool(request_.threads).for_each(path_facts_.size(), [&](std::size_t i, unsigned) {
            if (is_known[i]) return;
            path_facts_[i] = path_facts(walk_.paths()[i], *request_.findings.program);
            path_facts_[i].is_allowed |= excludes.leaves_out_file(walk_.paths()[i]);
        });
    }

    void read_blobs() {
        find_path_facts();
        ObjectExaminer::PathList list;
        std::vector<bool> wanted(catalog_.count(), false);
        std::vector<bool> before(catalog_.count(), false);
        for (const HistoryStep& step : walk_.steps()) {
            for (const HistoryChange& change : step.changes) {
                if (change.after == kNoNumber) continue;
                list.emplace_back(change.after, change.path);
                wanted[change.after] = true;
            }
        }
        if (!is_ranged()) {
            // Those that nothing leads to stand in no list.
            for (std::uint32_t number = 0; number < catalog_.count(); ++number) {
                wanted[number] = catalog_.is_first_copy(number);
            }
        }
        sort_once(list);
        stage("scanning blobs", 0);
        blobs_ = examiner().examine_blobs(list, wanted);
        if (!is_ranged()) return;
        read_range_messages();
        read_blobs_before(list, wanted);
    }

    // Where there are more secrets than a run keeps, some are told whole, and the others are
    // counted.
    void keep_matches() {
        room_.settle(blobs_.found, messages_.found);
        if (!room_.is_limited()) return;
        std::uint64_t left_out = room_.total();
        for (Examined* examined : {&blobs_, &messages_}) {
            room_.keep_low(examined->found);
            for (const ObjectMatches& one : examined->found) left_out -= one.matches.size();
        }
        report_.coverage.gaps.push_back(
            {model::GapCause::kLimitReached, std::string(kRunPath),
             fmt::format("more secrets than one run keeps in memory; {} more {} of secrets in "
                         "versions of files and in messages {} counted and not shown: {}",
                         left_out, left_out == 1 ? "place" : "places", left_out == 1 ? "is" : "are",
                         kLessHistory)});
    }

    static void sort_once(ObjectExaminer::PathList& list) {
        std::ranges::sort(list);
        const auto repeated = std::ranges::unique(list);
        list.erase(repeated.begin(), repeated.end());
    }

    void read_range_messages() {
        std::vector<bool> wanted(catalog_.count(), false);
        for (const HistoryStep& step : walk_.steps()) {
            if (const auto number = catalog_.find(walk_.history().id(step.commit))) {
                wanted[*number] = true;
            }
        }
        for (const git::ObjectId& tag : tags_of_range(repository_, walk_, *walk_options_.range)) {
            if (const auto number = catalog_.find(tag)) wanted[*number] = true;
        }
        messages_ =
            examiner().examine_messages([&](std::uint32_t number) { return wanted[number]; },
                                        [](unsigned, const git::BulkObject&) {});
    }

    // What stood at a path before the range decides whether the range brought a secret in.
    void read_blobs_before(const ObjectExaminer::PathList& read, const std::vector<bool>& done) {
        std::vector<bool> holds(catalog_.count(), false);
        for (const ObjectMatches& found : blobs_.found) holds[found.object] = true;
        ObjectExaminer::PathList list;
        std::vector<bool> wanted(catalog_.count(), false);
        for (const HistoryStep& step : walk_.steps()) {
            for (const HistoryChange& change : step.changes) {
                if (change.after == kNoNumber || !holds[change.after]) continue;
                for (std::uint32_t i = 0; i < change.before_count; ++i) {
                    const std::uint32_t object = step.before[change.before_begin + i];
                    const std::pair place(object, change.path);
                    if (done[object] && std::ranges::binary_search(read, place)) continue;
                    list.push_back(place);
                    wanted[object] = true;
                }
            }
        }
        sort_once(list);
        Examined earlier = examiner().examine_blobs(list, wanted);
        std::ranges::move(earlier.found, std::back_inserter(blobs_.found));
        model::append(earlier.coverage.gaps, blobs_.coverage.gaps);
        std::ranges::move(earlier.bulk.problems, std::back_inserter(blobs_.bulk.problems));
    }

    const HistoryScan& request_;
    const Asked& asked_;
    const git::Repository& repository_;
    git::ObjectCatalog catalog_;
    HistoryWalkOptions walk_options_;
    HistoryWalk walk_;
    HistoryStory story_;
    MatchRoom room_;
    ExamineOptions options_;
    std::optional<HistoryCache> cache_;
    std::optional<RecalledHistory> recalled_;
    std::vector<git::ObjectId> sample_;
    std::vector<HistoryWalk::KnownCommit> commits_;
    std::vector<PathFacts> path_facts_;
    Examined messages_;
    Examined blobs_;
    model::Report report_;
};

}  // namespace

Result<model::Report> scan_secrets_history(const HistoryScan& request) {
    git::OpenOptions open = request.open;
    open.replacements = git::OpenOptions::Replacements::kDisregard;
    open.database.max_object_bytes =
        std::min(open.database.max_object_bytes, request.read.limits.max_file_bytes);
    const git::Repository repository = MERLON_TRY(git::Repository::open(request.repository, open));
    Asked asked;
    asked.revisions = request.pipeline ? revisions_in(repository, *request.pipeline, asked.notices)
                                       : request.revisions;
    if (!asked.revisions.empty()) {
        const git::Now now{request.findings.clock->now().nanoseconds / 1'000'000'000, 0};
        Result<git::LogArguments> arguments =
            git::parse_log_arguments(repository, asked.revisions, now, "looking for the commits");
        if (!arguments.ok()) {
            Error error = std::move(arguments).error();
            if (!repository.shallow().empty()) {
                error.message += "; this clone is shallow and may lack commits: " +
                                 git::shallow_advice(advice_of(request));
            }
            return error;
        }
        asked.walk = std::move(arguments).value().walk;
    }
    for (const Recall recall : {Recall::kAllowed, Recall::kRefused}) {
        if (auto report = HistoryRun(request, repository, asked, recall).run()) {
            return *std::move(report);
        }
    }
    return Error{"the history could not be looked at as a whole"};  // only a recalled run gives up
}

}  // namespace merlon::scan
