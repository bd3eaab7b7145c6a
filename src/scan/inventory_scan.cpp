#include "scan/inventory_scan.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "base/thread_pool.h"
#include "inventory/joins.h"
#include "text/utf8.h"

namespace merlon::scan {
namespace {

using inventory::FileFacts;
using inventory::Reader;
using model::GapCause;

// Lock files and databases are read whole.
constexpr std::uint64_t kMaxWholeBytes = std::uint64_t{512} << 20;
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kNamesPerTask = 1024;
// An argument that is a bill of materials whatever its name.
constexpr std::string_view kSbomPrefix = "sbom:";

// Whether a file's name says that it is a program or a library, or leaves it open.
bool may_be_executable(const connect::FileEntry& file) {
    const std::string_view path = file.path;
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return true;
    if (name.find(".so.") != std::string_view::npos) return true;
    constexpr std::array<std::string_view, 8> kEndings = {".so",  ".dll", ".exe", ".dylib",
                                                          ".bin", ".elf", ".out", ".node"};
    if (std::ranges::find(kEndings, name.substr(dot)) != kEndings.end()) return true;
    // Most files are one of these, and asking the file system about each would be felt.
    constexpr std::array<std::string_view, 32> kTexts = {
        ".c",    ".cc",  ".cpp", ".css",  ".go",  ".h",   ".hpp", ".html", ".ini",  ".java", ".js",
        ".json", ".jsx", ".kt",  ".md",   ".mjs", ".php", ".pl",  ".png",  ".py",   ".pyc",  ".rb",
        ".rs",   ".sh",  ".svg", ".toml", ".ts",  ".tsx", ".txt", ".xml",  ".yaml", ".yml"};
    if (std::ranges::find(kTexts, name.substr(dot)) != kTexts.end()) return false;
    // "kubectl-1.29", "tool.amd64": the right to run it says more than the name.
    const auto status = file_status(file.system_path, FollowLinks::kYes);
    return status.ok() && status.result.value().is_executable;
}

// What stands in a file's path for the argument that led to it.
std::string root_of(const connect::FileEntry& file, std::string_view argument) {
    const std::string_view below = std::string_view(file.system_path);
    if (!below.starts_with(argument)) return {};
    const std::string_view rest = below.substr(argument.size());
    const std::string_view path = file.path;
    return path.ends_with(rest) ? std::string(path.substr(0, path.size() - rest.size()))
                                : std::string();
}

const Reader* reader_by_bytes(const connect::FileEntry& file) {
    if (!may_be_executable(file)) return nullptr;
    FileResult<FileReader> opened = FileReader::open(file.system_path);
    if (!opened.ok()) return nullptr;
    std::array<char, kMagicBytes> first{};
    const FileResult<std::size_t> read = opened.result.value().read(first);
    if (!read.ok() || read.result.value() < kMagicBytes) return nullptr;
    return inventory::reader_for_bytes({first.data(), first.size()});
}

// What one file gave.
struct Examined {
    std::optional<FileFacts> facts;
    model::Coverage coverage;
    bool taken = false;
};

// The files that two trees share, by path and content, and what those of the first one gave. A file
// is examined by one thread, and the trees one after the other.
class SharedFiles {
  public:
    SharedFiles(const InventoryFiles& base, const InventoryFiles& head) {
        std::unordered_map<std::string_view, std::string_view> known;
        for (std::size_t i = 0; i < base.contents.size(); ++i)
            known.emplace(base.entries[i].path, base.contents[i]);
        for (std::size_t i = 0; i < head.contents.size(); ++i) {
            const auto found = known.find(head.entries[i].path);
            if (found != known.end() && found->second == head.contents[i])
                kept_.try_emplace(head.entries[i].path);
        }
    }

    // Nothing where it is not shared, or was not examined by this reader.
    std::optional<Examined> take(const std::string& path, const Reader& reader) {
        const auto found = kept_.find(path);
        if (found == kept_.end() || found->second.reader != &reader) return std::nullopt;
        found->second.reader = nullptr;
        return std::move(found->second.examined);
    }
    void keep(const std::string& path, const Reader& reader, const Examined& examined) {
        const auto found = kept_.find(path);
        if (found != kept_.end()) found->second = {&reader, examined};
    }

  private:
    struct Kept {
        const Reader* reader = nullptr;  // null: nothing is kept
        Examined examined;
    };
    std::unordered_map<std::string, Kept> kept_;
};

// Which of two trees it is.
enum class Turn : std::uint8_t { kFirst, kSecond };

class InventoryRun {
  public:
    explicit InventoryRun(const InventoryScan& request, SharedFiles* shared = nullptr,
                          Turn turn = Turn::kFirst)
        : request_(request),
          shared_(shared),
          turn_(turn),
          pool_(request.threads),
          scratches_(pool_.size()) {
        read_.limits = request.limits;
        read_.limits.max_file_bytes = std::min(read_.limits.max_file_bytes, kMaxWholeBytes);
        read_.limits.window_bytes = read_.limits.max_file_bytes;
        read_.members = connect::Members::kLeave;
    }

    // What the arguments lead to.
    InventoryFiles walk() {
        std::vector<std::string> paths = request_.arguments;
        for (std::string& path : paths) {
            if (path.starts_with(kSbomPrefix)) boms_.insert(path.erase(0, kSbomPrefix.size()));
        }
        connect::WalkOptions how = request_.walk;
        how.sizes = connect::FileSizes::kLater;
        connect::WalkResult walked = connect::walk(paths, how, *request_.cancel);
        if (paths.size() == 1 && !walked.files.empty()) {
            root_ = root_of(walked.files.front(), paths.front());
        }
        InventoryFiles files;
        files.entries = std::move(walked.files);
        files.gaps = std::move(walked.gaps);
        files.read = [budget = std::make_shared<MemoryBudget>()](
                         std::size_t, const connect::FileEntry& file,
                         const connect::ReadOptions& options, const CancelToken& cancel,
                         model::Coverage& coverage, const auto& on_document) {
            connect::read_documents(file, options, *budget, cancel, coverage, on_document);
        };
        return files;
    }

    TakenInventory run(InventoryFiles files) {
        files_ = std::move(files);
        TakenInventory taken;
        taken.root = root_;
        taken.coverage.files_seen = files_.entries.size();
        taken.coverage.gaps = std::move(files_.gaps);
        std::vector<FileFacts> facts = examine_all(files_.entries, taken.coverage);
        inventory::Inventory concluded = inventory::conclude(std::move(facts));
        std::ranges::move(concluded.gaps, std::back_inserter(taken.coverage.gaps));
        static_cast<inventory::TreeFacts&>(taken) = std::move(concluded);
        for (const std::size_t index : taken_) {
            const connect::FileEntry& file = files_.entries[index];
            if (!file.system_path.empty()) taken.system_paths.emplace(file.path, file.system_path);
        }
        if (request_.cancel->cancelled()) {
            taken.coverage.gaps.push_back({GapCause::kCancelled, ".", "stopped before the end"});
        }
        model::sort(taken.coverage.gaps);
        taken.files = std::move(files_);
        taken.reading = read_;
        return taken;
    }

  private:
    std::vector<FileFacts> examine_all(const std::vector<connect::FileEntry>& files,
                                       model::Coverage& coverage) {
        if (request_.progress != nullptr) request_.progress->stage("packages", files.size());
        std::vector<const Reader*> readers = readers_of(files);
        std::vector<std::size_t> round;
        for (std::size_t i = 0; i < files.size(); ++i)
            if (readers[i] != nullptr) round.push_back(i);
        if (request_.progress != nullptr) request_.progress->add(files.size() - round.size(), 0);
        std::vector<FileFacts> all;
        while (!round.empty()) {
            std::vector<Examined> results(round.size());
            pool_.for_each(round.size(), [&](std::size_t index, unsigned worker) {
                const std::size_t file = round[index];
                results[index] = examine(file, *readers[file], scratches_[worker]);
            });
            round = take(files, round, readers, results, coverage, all);
        }
        coverage.files_skipped += files.size() - taken_.size();
        return all;
    }

    // What takes each file, as its name says or its bytes do; null for most of a tree.
    std::vector<const Reader*> readers_of(const std::vector<connect::FileEntry>& files) {
        std::vector<const Reader*> readers(files.size(), nullptr);
        const std::size_t tasks = (files.size() + kNamesPerTask - 1) / kNamesPerTask;
        pool_.for_each(tasks, [&](std::size_t task, unsigned) {
            const std::size_t end = std::min(files.size(), (task + 1) * kNamesPerTask);
            for (std::size_t i = task * kNamesPerTask; i < end; ++i) {
                if (request_.cancel->cancelled()) return;
                if (boms_.contains(files[i].system_path)) {
                    readers[i] = inventory::reader_named("sbom");
                } else {
                    readers[i] = inventory::reader_for(files[i].path);
                }
                if (readers[i] == nullptr) readers[i] = reader_by_bytes(files[i]);
            }
        });
        return readers;
    }

    // Keeps what a round gave; the files that these take in by name are the next round's.
    std::vector<std::size_t> take(const std::vector<connect::FileEntry>& files,
                                  const std::vector<std::size_t>& round,
                                  std::vector<const Reader*>& readers,
                                  std::vector<Examined>& results, model::Coverage& coverage,
                                  std::vector<FileFacts>& all) {
        std::vector<std::size_t> next;
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (results[i].taken) taken_.insert(round[i]);
            coverage.merge(results[i].coverage);
        }
        for (Examined& result : results) {
            if (!result.facts) continue;
            for (const inventory::Include& include : result.facts->facts.includes) {
                const std::size_t file =
                    position_of(files, beside(result.facts->path, include.path));
                if (file == files.size()) {
                    coverage.gaps.push_back({GapCause::kReadError, result.facts->path,
                                             "it takes in " + text::to_printable(include.path) +
                                                 ", which is not among what is looked at"});
                    continue;
                }
                const Reader* reader = inventory::reader_named(include.reader);
                if (reader->role == inventory::Role::kAid) {
                    aids_.emplace(file, reader);
                } else if (taken_.insert(file).second) {
                    readers[file] = reader;
                    next.push_back(file);
                }
            }
            all.push_back(*std::move(result.facts));
        }
        // What one file only looks things up in may be another's own list, which counts more; so
        // these come when no other file takes in any.
        if (!next.empty()) return next;
        for (const auto& [file, reader] : std::exchange(aids_, {})) {
            if (!taken_.insert(file).second) continue;
            readers[file] = reader;
            next.push_back(file);
        }
        return next;
    }

    static std::string beside(std::string_view path, const std::string& include) {
        const std::size_t slash = path.rfind('/');
        return inventory::join_path(
            slash == std::string_view::npos ? std::string_view() : path.substr(0, slash), include);
    }

    static std::size_t position_of(const std::vector<connect::FileEntry>& files,
                                   const std::string& path) {
        const auto found = std::ranges::lower_bound(files, path, {}, &connect::FileEntry::path);
        const bool is_there = found != files.end() && found->path == path;
        return is_there ? static_cast<std::size_t>(found - files.begin()) : files.size();
    }

    Examined examine(std::size_t index, const Reader& reader, inventory::Scratch& scratch) {
        const connect::FileEntry& file = files_.entries[index];
        Examined result;
        if (request_.cancel->cancelled()) return result;
        if (request_.progress != nullptr) {
            const FileResult<std::uint64_t> size = connect::size_of(file);
            request_.progress->add(1, size.ok() ? size.result.value() : 0);
        }
        if (shared_ != nullptr && turn_ == Turn::kSecond)
            if (auto known = shared_->take(file.path, reader)) return *std::move(known);
        result.taken = true;
        connect::ReadOptions options = read_;
        if (reader.read_as == inventory::ReadAs::kBytes) options.contents = connect::Contents::kRaw;
        files_.read(
            index, file, options, *request_.cancel, result.coverage,
            [&](const model::Document& document) {
                Result<inventory::Facts> facts =
                    inventory::examine(document, reader, request_.limits, scratch, request_.cancel);
                if (!facts.ok()) {
                    result.coverage.gaps.push_back(
                        {GapCause::kInvalidInput, file.path, facts.error().to_string()});
                    return;
                }
                auto& license = facts.value().license_file;
                if (license && request_.license_texts == InventoryScan::LicenseTexts::kLeave)
                    std::string().swap(license->text);
                result.facts = FileFacts{
                    .path = file.path, .reader = &reader, .facts = std::move(facts).value()};
            });
        if (shared_ != nullptr && turn_ == Turn::kFirst) shared_->keep(file.path, reader, result);
        return result;
    }

    const InventoryScan& request_;
    SharedFiles* shared_;  // may be null
    Turn turn_;
    InventoryFiles files_;
    connect::ReadOptions read_;
    ThreadPool pool_;
    std::vector<inventory::Scratch> scratches_;
    std::string root_;
    std::set<std::string> boms_;  // files that are named as bills of materials
    std::set<std::size_t> taken_;
    std::map<std::size_t, const Reader*> aids_;  // still to be read, unless as something else
};

}  // namespace

std::vector<model::Gap> gaps_of_unknowns(const std::vector<packages::PackageSource>& sources) {
    constexpr std::size_t kShown = 3;
    std::map<std::string, std::vector<std::string_view>> by_path;
    for (const packages::PackageSource& source : sources)
        for (const std::string& unknown : source.unknowns) by_path[source.path].push_back(unknown);
    std::vector<model::Gap> gaps;
    for (const auto& [path, unknowns] : by_path) {
        std::string detail = "not understood: ";
        for (std::size_t i = 0; i < std::min(unknowns.size(), kShown); ++i)
            detail += (i == 0 ? "" : ", ") + std::string(unknowns[i]);
        if (unknowns.size() > kShown)
            detail += " and " + std::to_string(unknowns.size() - kShown) + " more";
        gaps.push_back({GapCause::kInvalidInput, path, std::move(detail)});
    }
    return gaps;
}

TakenInventory take_inventory(const InventoryScan& request) {
    InventoryRun run(request);
    return run.run(run.walk());
}

TakenInventory take_inventory(const InventoryScan& request, InventoryFiles files) {
    return InventoryRun(request).run(std::move(files));
}

TwoInventories take_inventories(const InventoryScan& request, InventoryFiles base,
                                InventoryFiles head) {
    SharedFiles shared(base, head);
    TakenInventory first = InventoryRun(request, &shared, Turn::kFirst).run(std::move(base));
    return {std::move(first), InventoryRun(request, &shared, Turn::kSecond).run(std::move(head))};
}

}  // namespace merlon::scan
