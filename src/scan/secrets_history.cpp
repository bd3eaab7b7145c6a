#include "scan/secrets_history.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "base/thread_pool.h"
#include "connect/git/commit.h"
#include "connect/git/log_arguments.h"
#include "connect/git/log_text.h"
#include "connect/git/repository.h"
#include "model/fingerprint.h"
#include "scan/history_cache.h"
#include "scan/history_examine.h"
#include "scan/history_story.h"
#include "scan/history_walk.h"
#include "scan/secrets_scan.h"
#include "text/utf8.h"

namespace merlon::scan {
namespace {

namespace git = connect::git;

constexpr std::string_view kPack = "secrets";
constexpr std::size_t kMaxNamedReferences = 20;
constexpr std::size_t kMaxNamedObjects = 1000;  // missing or damaged ones, each a gap
constexpr std::size_t kMaxNamedCommits = 10;    // of a shallow clone

std::string rfc3339(std::uint64_t seconds) {
    const git::CivilTime time = git::civil_time(static_cast<std::int64_t>(seconds));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", time.year, time.month, time.day,
                       time.hour, time.minute, time.second);
}

model::GapCause cause_of(git::ObjectFailure failure) {
    switch (failure) {
        case git::ObjectFailure::kMissing:
        case git::ObjectFailure::kPromised:
            return model::GapCause::kMissingObject;
        case git::ObjectFailure::kTooLarge:
            return model::GapCause::kTooLarge;
        case git::ObjectFailure::kReadError:
            return model::GapCause::kReadError;
        default:
            return model::GapCause::kCorruptObject;
    }
}

class HistoryRun {
  public:
    HistoryRun(const HistoryScan& request, const git::Repository& repository,
               std::optional<git::WalkRequest> range)
        : request_(request),
          repository_(repository),
          catalog_(git::ObjectCatalog::of(repository.objects())),
          walk_options_{std::move(range), request.threads, request.cancel},
          walk_(repository, catalog_, walk_options_),
          story_(walk_, catalog_) {
        options_.findings = request.findings;
        options_.read = request.read;
        options_.threads = request.threads;
        options_.cancel = request.cancel;
        options_.progress = request.progress;
        if (request.cache != nullptr) {
            cache_.emplace(*request.cache, cache_scope(), repository.algorithm());
            options_.cache = &*cache_;
        }
    }

    model::Report run() {
        start_report();
        read_messages();
        stage("reading the history", 0);
        walk_.run(commits_);
        read_blobs();
        story_.tell(blobs_.found, messages_.found, walk_.head_files());
        stage("telling where secrets came from", 0);
        make_findings();
        if (request_.progress != nullptr) request_.progress->finish();
        count_objects();
        add_gaps();
        finish_report();
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

    void start_report() {
        report_.analysis.version = request_.version;
        report_.analysis.engine = "secrets";
        report_.analysis.program_digest = request_.findings.program->digest();
        report_.analysis.scope = {request_.repository};
        report_.analysis.signature_versions = {std::string(model::kContextAlgorithm),
                                               std::string(model::kLineHashAlgorithm)};
        if (const auto head = repository_.references().find("HEAD")) {
            report_.analysis.commit = head->id.hex();
        }
        report_.analysis.ref = repository_.references().head_branch();
        report_.rules = rules_of(request_.findings.program->config(), kPack);
    }

    ObjectExaminer examiner() const { return {catalog_, walk_.paths(), path_facts_, options_}; }

    // In a range only its own commits' messages are examined: they are known after the walk.
    void read_messages() {
        if (is_ranged()) return;
        stage("reading commits", 0);
        std::vector<std::vector<HistoryWalk::KnownCommit>> read(
            std::max<std::size_t>(request_.threads, 1));
        messages_ = examiner().examine_messages(
            [this](std::uint32_t number) { return catalog_.is_first_copy(number); },
            [&](unsigned worker, const git::BulkObject& object) {
                if (object.type != git::ObjectType::kCommit) return;
                const auto id = catalog_.id_of(object.number);
                if (!id.ok()) return;
                HistoryWalk::KnownCommit commit{id.value(), std::nullopt};
                if (auto parsed = git::parse_commit(object.bytes, repository_.algorithm());
                    parsed.ok()) {
                    commit.facts.emplace();
                    commit.facts->tree = parsed.value().tree;
                    commit.facts->date = parsed.value().date;
                    commit.facts->parents = std::move(parsed.value().parents);
                }
                read[worker].push_back(std::move(commit));
            });
        for (std::vector<HistoryWalk::KnownCommit>& some : read) {
            std::ranges::move(some, std::back_inserter(commits_));
        }
        std::ranges::sort(commits_, {}, &HistoryWalk::KnownCommit::id);
    }

    void read_blobs() {
        path_facts_ = path_facts(walk_.paths(), *request_.findings.program, request_.threads);
        ObjectExaminer::PathList list;
        std::vector<bool> wanted(catalog_.count(), false);
        std::vector<bool> before(catalog_.count(), false);
        for (const HistoryStep& step : walk_.steps()) {
            for (const HistoryChange& change : step.changes) {
                if (change.after == kNone) continue;
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
                if (change.after == kNone || !holds[change.after]) continue;
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
        blobs_.coverage.gaps.insert(blobs_.coverage.gaps.end(), earlier.coverage.gaps.begin(),
                                    earlier.coverage.gaps.end());
        std::ranges::move(earlier.bulk.problems, std::back_inserter(blobs_.bulk.problems));
    }

    // One version of a file, or a message, that a finding shows.
    struct Version {
        std::uint32_t object = 0;
        std::uint32_t path = kNone;
        PlaceKind kind = PlaceKind::kInFile;
        auto operator<=>(const Version&) const = default;
    };

    std::string path_of(const Version& version) const {
        if (version.kind == PlaceKind::kInCommit) return std::string(kCommitMessage);
        if (version.kind == PlaceKind::kInTag) return std::string(kTagMessage);
        return version.path == kNone ? std::string(kNoPath) : walk_.paths()[version.path];
    }

    // Reads again what holds something, this time for lines and excerpts.
    void read_versions() {
        std::vector<Version> wanted;
        for (const StoryPlace& place : story_.places()) {
            wanted.push_back({place.object, place.path, place.kind});
            if (place.head_object != kNone) {
                wanted.push_back({place.head_object, place.path, place.kind});
            }
        }
        std::ranges::sort(wanted);
        const auto repeated = std::ranges::unique(wanted);
        wanted.erase(repeated.begin(), repeated.end());
        std::vector<FileFindings> found(wanted.size());
        ThreadPool pool(request_.threads);
        std::vector<secrets::Program::Scratch> scratches(pool.size());
        pool.for_each(wanted.size(), [&](std::size_t i, unsigned worker) {
            const auto id = catalog_.id_of(wanted[i].object);
            if (!id.ok()) return;
            const auto object = repository_.objects().read_original(id.value());
            if (!object.ok()) {
                found[i].coverage.gaps.push_back(
                    {model::GapCause::kReadError, path_of(wanted[i]), object.error().message});
                return;
            }
            std::string_view bytes = object.value().bytes();
            if (wanted[i].kind != PlaceKind::kInFile) {
                bytes = message_of(object.value().type, bytes, repository_.algorithm());
            }
            found[i] = findings_of(options_, bytes, path_of(wanted[i]), scratches[worker]);
        });
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            for (model::Gap& gap : found[i].coverage.gaps) {
                // All others were told when the object was examined.
                if (gap.cause == model::GapCause::kLimitReached ||
                    gap.cause == model::GapCause::kReadError) {
                    report_.coverage.gaps.push_back(std::move(gap));
                }
            }
            versions_.emplace(wanted[i], std::move(found[i]));
        }
    }

    // The first finding of this secret in that version.
    const model::Finding* finding_of(const Version& version, const ContentMatch& secret) const {
        const auto at = versions_.find(version);
        if (at == versions_.end()) return nullptr;
        const std::string& rule = request_.findings.program->config().rules[secret.rule].id;
        const model::Finding* first = nullptr;
        for (std::size_t i = 0; i < at->second.findings.size(); ++i) {
            const model::Finding& finding = at->second.findings[i];
            if (finding.rule_id != rule || at->second.contents[i] != secret.content) continue;
            if (first == nullptr || model::less(finding, *first)) first = &finding;
        }
        return first;
    }

    void make_findings() {
        read_versions();
        const std::vector<StoryPlace>& places = story_.places();
        for (std::size_t begin = 0; begin < places.size();) {
            std::size_t end = begin;
            while (end < places.size() && places[end].secret == places[begin].secret) ++end;
            make_finding(std::span(places).subspan(begin, end - begin));
            begin = end;
        }
        add_references();
        std::stable_sort(report_.findings.begin(), report_.findings.end(), model::less);
    }

    void make_finding(std::span<const StoryPlace> places) {
        const ContentMatch& secret = story_.secrets()[places.front().secret];
        std::optional<model::Finding> finding;
        model::History history;
        Reach reach = Reach::kIndex;
        bool all_suppressed = true;
        std::string reason;
        std::vector<std::uint32_t> steps;
        for (const StoryPlace& place : places) {
            const model::Finding* then = finding_of({place.object, place.path, place.kind}, secret);
            if (then == nullptr) continue;
            if (!finding) finding = *then;
            model::HistoryPlace shown = place_of(place, *then);
            const model::Finding* now = then;
            if (place.head_object != kNone) {
                history.in_head = true;
                const model::Finding* in_head =
                    finding_of({place.head_object, place.path, place.kind}, secret);
                if (in_head != nullptr) {
                    now = in_head;
                    const auto* file = std::get_if<model::FileLocation>(&in_head->location);
                    shown.head_line = file == nullptr ? 0 : file->region.start_line;
                }
            }
            all_suppressed &= !now->suppressed_by.empty();
            if (!now->suppressed_by.empty()) reason = now->suppression_reason;
            reach = std::min(reach, reach_of(place));
            if (place.step != kNone &&
                walk_.steps()[place.step].commit != git::CommitNumber{kNone}) {
                steps.push_back(place.step);
            }
            history.places.push_back(std::move(shown));
        }
        if (!finding) return;
        finding->suppressed_by = all_suppressed ? "inline" : "";
        finding->suppression_reason = all_suppressed ? reason : "";
        history.reach = name(reach);
        finding->history = std::move(history);
        report_.findings.push_back(*std::move(finding));
        steps_.push_back(std::move(steps));
    }

    Reach reach_of(const StoryPlace& place) const {
        if (place.kind == PlaceKind::kInTag) return Reach::kReferences;
        return place.step == kNone ? Reach::kUnreachable : walk_.steps()[place.step].reach;
    }

    model::HistoryPlace place_of(const StoryPlace& place, const model::Finding& then) const {
        model::HistoryPlace shown;
        shown.location = then.location;
        if (const auto id = catalog_.id_of(place.object); id.ok()) shown.object = id.value().hex();
        shown.introductions = place.introductions;
        if (place.kind == PlaceKind::kInTag) {
            shown.kind = "tag-message";
            describe_tag(place.object, shown);
            return shown;
        }
        if (place.step == kNone) {
            shown.kind = "unreachable";
            return shown;
        }
        const HistoryStep& step = walk_.steps()[place.step];
        if (step.commit == git::CommitNumber{kNone}) {
            shown.kind = step.reach == Reach::kIndex ? "index" : "unreachable";
            return shown;
        }
        shown.kind = place.kind == PlaceKind::kInCommit ? "commit-message"
                     : step.reach == Reach::kNotes      ? "note"
                     : step.is_merge                    ? "merge"
                                                        : "commit";
        describe(place.step, shown.commit, shown.date, &shown);
        if (place.removed != kNone) {
            describe(place.removed, shown.removed_commit, shown.removed_date, nullptr);
        }
        return shown;
    }

    // The id, and who made it and when, of a step's commit.
    void describe(std::uint32_t step, std::string& commit, std::string& date,
                  model::HistoryPlace* author) const {
        const git::ObjectId& id = walk_.history().id(walk_.steps()[step].commit);
        commit = id.hex();
        const auto object = repository_.objects().read(id);
        if (!object.ok()) return;
        const auto parsed = git::parse_commit(object.value().bytes(), repository_.algorithm());
        if (!parsed.ok()) return;
        const auto who = git::parse_identity(parsed.value().author);
        if (!who) return;
        if (who->has_date) date = rfc3339(who->seconds);
        if (author == nullptr) return;
        author->author = text::to_valid_utf8(who->name);
        author->email = text::to_valid_utf8(who->email);
    }

    void describe_tag(std::uint32_t number, model::HistoryPlace& shown) const {
        const auto id = catalog_.id_of(number);
        if (!id.ok()) return;
        const auto object = repository_.objects().read_original(id.value());
        if (!object.ok()) return;
        const auto tag = git::parse_tag(object.value().bytes(), repository_.algorithm());
        if (!tag.ok()) return;
        shown.commit = tag.value().target.hex();
        const auto who = git::parse_identity(tag.value().tagger);
        if (!who) return;
        if (who->has_date) shown.date = rfc3339(who->seconds);
        shown.author = text::to_valid_utf8(who->name);
        shown.email = text::to_valid_utf8(who->email);
    }

    // Commits that brought something in are looked for in all references, 64 at a time.
    void add_references() {
        std::vector<std::uint32_t> all;
        for (const std::vector<std::uint32_t>& steps : steps_) {
            all.insert(all.end(), steps.begin(), steps.end());
        }
        std::ranges::sort(all);
        const auto repeated = std::ranges::unique(all);
        all.erase(repeated.begin(), repeated.end());
        std::map<std::uint32_t, std::vector<std::uint32_t>> references_of_step;
        std::vector<std::string> names;
        for (std::size_t begin = 0; begin < all.size(); begin += 64) {
            const auto some =
                std::span(all).subspan(begin, std::min<std::size_t>(64, all.size() - begin));
            const auto references = story_.references_of(some);
            if (names.empty()) {
                for (const auto& [reference, bits] : references) names.push_back(reference);
            }
            for (std::size_t i = 0; i < some.size(); ++i) {
                for (std::uint32_t r = 0; r < references.size(); ++r) {
                    if ((references[r].second >> i & 1) != 0) {
                        references_of_step[some[i]].push_back(r);
                    }
                }
            }
        }
        for (std::size_t i = 0; i < report_.findings.size(); ++i) {
            std::vector<std::uint32_t> numbers;
            for (const std::uint32_t step : steps_[i]) {
                const std::vector<std::uint32_t>& more = references_of_step[step];
                numbers.insert(numbers.end(), more.begin(), more.end());
            }
            std::ranges::sort(numbers);
            const auto same = std::ranges::unique(numbers);
            numbers.erase(same.begin(), same.end());
            model::History& history = *report_.findings[i].history;
            history.reference_count = numbers.size();
            numbers.resize(std::min(numbers.size(), kMaxNamedReferences));
            for (const std::uint32_t number : numbers) history.references.push_back(names[number]);
        }
    }

    void count_objects() {
        model::ObjectCounts counts;
        for (std::uint32_t number = 0; number < catalog_.count(); ++number) {
            if (!catalog_.is_first_copy(number)) continue;
            ++counts.present;
        }
        const auto of = [](const git::BulkReport& report, git::ObjectType type) {
            return report.objects[static_cast<std::size_t>(type)];
        };
        counts.commits = of(messages_.bulk, git::ObjectType::kCommit);
        counts.tags = of(messages_.bulk, git::ObjectType::kTag);
        counts.blobs = of(blobs_.bulk, git::ObjectType::kBlob) + blobs_.known_clean;
        counts.trees = walk_.trees_read();
        for (const git::BulkReport* report : {&messages_.bulk, &blobs_.bulk}) {
            for (const std::uint64_t bytes : report->bytes) counts.bytes += bytes;
        }
        counts.bytes += blobs_.known_bytes;
        counts.left_out = blobs_.not_wanted;
        counts.submodule_links = walk_.submodule_links();
        const std::uint64_t told =
            counts.commits + counts.tags + counts.blobs + counts.trees + counts.left_out;
        if (is_ranged()) counts.outside_range = counts.present - std::min(counts.present, told);
        report_.coverage.objects = counts;
        report_.coverage.merge(blobs_.coverage);
        report_.coverage.merge(messages_.coverage);
        report_.coverage.files_seen = report_.coverage.files_read = 0;
        report_.coverage.bytes_read = counts.bytes;
    }

    void add_gap(model::GapCause cause, std::string path, std::string detail) {
        report_.coverage.gaps.push_back({cause, std::move(path), std::move(detail)});
    }

    void add_gaps() {
        for (const model::Gap& gap : repository_.gaps()) report_.coverage.gaps.push_back(gap);
        for (const model::Gap& gap : walk_.gaps()) report_.coverage.gaps.push_back(gap);
        add_shallow_gap();
        std::map<git::ObjectId, model::Gap> objects = damaged_objects();
        std::size_t only_unreachable = 0;
        for (const auto& [id, lost] : walk_.lost()) {
            if (!lost.needed) {
                ++only_unreachable;
                continue;
            }
            std::string detail = lost.message;
            if (lost.failure == git::ObjectFailure::kPromised) {
                detail +=
                    "; fetch it with 'git fetch --refetch --no-filter', or check out without "
                    "a filter";
            }
            objects[id] = {cause_of(lost.failure), lost.path.empty() ? id.hex() : lost.path,
                           std::move(detail)};
        }
        std::size_t named = 0;
        for (auto& [id, gap] : objects) {
            if (++named > kMaxNamedObjects) break;
            if (gap.detail.find(id.hex()) == std::string::npos) gap.detail += " (" + id.hex() + ")";
            report_.coverage.gaps.push_back(std::move(gap));
        }
        if (objects.size() > kMaxNamedObjects) {
            add_gap(model::GapCause::kMissingObject, "(objects)",
                    fmt::format("and {} more that are missing or damaged",
                                objects.size() - kMaxNamedObjects));
        }
        if (walk_.absent_of_reflogs() > 0) {
            report_.notices.push_back(
                fmt::format("{} of the reflogs' entries lead to commits that "
                            "are not in the repository",
                            walk_.absent_of_reflogs()));
        }
        if (only_unreachable > 0) {
            report_.notices.push_back(fmt::format(
                "{} object{} of commits that nothing leads to {} pruned", only_unreachable,
                only_unreachable == 1 ? "" : "s", only_unreachable == 1 ? "was" : "were"));
        }
    }

    // What bulk reading could not read, by id, with the path of a blob that has one.
    std::map<git::ObjectId, model::Gap> damaged_objects() const {
        std::map<git::ObjectId, model::Gap> gaps;
        std::map<std::uint32_t, std::string> path_of_blob;
        for (const git::BulkReport* report : {&messages_.bulk, &blobs_.bulk}) {
            for (const git::BulkProblem& problem : report->problems) {
                path_of_blob.emplace(problem.number, std::string());
            }
        }
        if (path_of_blob.empty()) return gaps;
        for (const HistoryStep& step : walk_.steps()) {
            for (const HistoryChange& change : step.changes) {
                const auto blob = path_of_blob.find(change.after);
                if (blob == path_of_blob.end() || !blob->second.empty()) continue;
                blob->second = walk_.paths()[change.path];
            }
        }
        for (const git::BulkReport* report : {&messages_.bulk, &blobs_.bulk}) {
            for (const git::BulkProblem& problem : report->problems) {
                const auto id = catalog_.id_of(problem.number);
                if (!id.ok()) continue;
                const std::string& path = path_of_blob[problem.number];
                gaps[id.value()] = {cause_of(problem.failure),
                                    path.empty() ? id.value().hex() : path, problem.message};
            }
        }
        return gaps;
    }

    void add_shallow_gap() {
        const std::vector<git::ObjectId>& cut = walk_.history().shallow_met();
        if (cut.empty()) return;
        std::vector<std::string> missing;
        for (const git::ObjectId& id : cut) {
            const auto object = repository_.objects().read_original(id);
            if (!object.ok()) continue;
            const auto commit = git::parse_commit(object.value().bytes(), repository_.algorithm());
            if (!commit.ok()) continue;
            for (const git::ObjectId& parent : commit.value().parents) {
                if (!repository_.objects().contains(parent)) missing.push_back(parent.hex());
            }
        }
        std::ranges::sort(missing);
        const auto repeated = std::ranges::unique(missing);
        missing.erase(repeated.begin(), repeated.end());
        std::string names;
        for (std::size_t i = 0; i < std::min(missing.size(), kMaxNamedCommits); ++i) {
            names += (i == 0 ? "" : ", ") + missing[i];
        }
        if (missing.size() > kMaxNamedCommits) {
            names += fmt::format(" and {} more", missing.size() - kMaxNamedCommits);
        }
        const std::string advice = !request_.checkout_advice.empty()
                                       ? request_.checkout_advice
                                       : "'fetch-depth: 0' of actions/checkout (GitHub, Forgejo), "
                                         "'GIT_DEPTH: 0' (GitLab), "
                                         "'fetchDepth: 0' (Azure DevOps)";
        add_gap(model::GapCause::kShallowHistory, "(history)",
                fmt::format("this clone is shallow: it has not the commits {} and what stands "
                            "before them; fetch them with 'git fetch --unshallow', or check out "
                            "with {}",
                            names, advice));
    }

    void finish_report() {
        if (request_.cancel->cancelled()) {
            add_gap(model::GapCause::kCancelled, "(run)",
                    "stopped before the whole history was read");
        } else if (cache_) {
            cache_->store(is_ranged() ? HistoryCache::Asked::kSome
                                      : HistoryCache::Asked::kEverything);
        }
        const std::size_t left_out = blobs_.left_out + messages_.left_out;
        if (left_out > 0) report_.notices.push_back(left_out_notice(left_out));
        if (repository_.replacement_count() > 0) {
            report_.notices.push_back(
                fmt::format("{} replaced as refs/replace says, as in git log; what they replace "
                            "was scanned too",
                            repository_.replacement_count() == 1
                                ? std::string("1 object is")
                                : fmt::format("{} objects are", repository_.replacement_count())));
        }
        std::ranges::stable_sort(report_.coverage.gaps, {}, [](const model::Gap& gap) {
            return std::tie(gap.path, gap.cause, gap.detail);
        });
        const Timestamp now = request_.findings.clock->now();
        apply(request_.suppressions, now, report_.findings, report_.notices);
        accept_gaps(request_.suppressions, now, report_.coverage, report_.notices);
        tell_completeness(report_);
    }

    const HistoryScan& request_;
    const git::Repository& repository_;
    git::ObjectCatalog catalog_;
    HistoryWalkOptions walk_options_;
    HistoryWalk walk_;
    HistoryStory story_;
    ExamineOptions options_;
    std::optional<HistoryCache> cache_;
    std::vector<HistoryWalk::KnownCommit> commits_;
    std::vector<PathFacts> path_facts_;
    Examined messages_;
    Examined blobs_;
    std::map<Version, FileFindings> versions_;
    std::vector<std::vector<std::uint32_t>> steps_;  // of each finding: where it came in
    model::Report report_;
};

}  // namespace

Result<model::Report> scan_secrets_history(const HistoryScan& request) {
    git::OpenOptions open;
    open.database.max_object_bytes =
        std::min(open.database.max_object_bytes, request.read.limits.max_file_bytes);
    const git::Repository repository = MERLON_TRY(git::Repository::open(request.repository, open));
    std::optional<git::WalkRequest> range;
    if (!request.revisions.empty()) {
        const git::Now now{request.findings.clock->now().nanoseconds / 1'000'000'000, 0};
        git::LogArguments arguments =
            MERLON_TRY(git::parse_log_arguments(repository, request.revisions, now));
        range = std::move(arguments.walk);
    }
    return HistoryRun(request, repository, std::move(range)).run();
}

}  // namespace merlon::scan
