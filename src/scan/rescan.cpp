#include "scan/rescan.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <unordered_map>

#include "base/file.h"
#include "base/joined.h"
#include "exchange/bom_read.h"
#include "packages/license.h"
#include "packages/package_url.h"
#include "sca/match_text.h"
#include "sca/names.h"
#include "scan/rescan_index.h"

namespace merlon::scan {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxIndexBytes = std::uint64_t{2} << 30;
constexpr std::string_view kCpeMark = " cpe:";

// A bill as it lies there now.
struct Found {
    StoredBom bom;                   // packages: of the new index
    const StoredBom* old = nullptr;  // what the index has at this path
    bool is_unchanged = false;
    std::vector<std::string> purls;  // of a bill that was read
    std::string problem;
};

std::vector<std::string> apart(std::string_view ids) {
    std::vector<std::string> all;
    while (!ids.empty()) {
        const std::size_t end = std::min(ids.find(' '), ids.size());
        all.emplace_back(ids.substr(0, end));
        ids.remove_prefix(std::min(end + 1, ids.size()));
    }
    return all;
}

// Aliases join and part in time: two are one weakness where they share an id.
bool is_same_weakness(std::string_view left, std::string_view right) {
    const auto right_ids = apart(right);
    return std::ranges::any_of(apart(left), [&](const std::string& id) {
        return std::ranges::find(right_ids, id) != right_ids.end();
    });
}

bool is_among(std::string_view ids, const std::vector<std::string>& weaknesses) {
    return std::ranges::any_of(weaknesses, [&](const std::string& known) {
        return known == ids || is_same_weakness(known, ids);
    });
}

class Run {
  public:
    Run(const RescanRequest& request, ThreadPool& pool) : request_(request), pool_(pool) {}

    Result<Rescan> run() {
        load_index();
        if (Status listed = list_boms(); !listed.ok()) return listed.error();
        read_boms();
        number_packages();
        if (request_.cancel != nullptr && request_.cancel->cancelled()) {
            return Error{"cancelled; the next re-scan begins anew"};
        }
        MERLON_TRY(match());
        const sca::DatabaseInfo info = MERLON_TRY(request_.database->info());
        for (FeedProblem& problem : unread_feeds(info)) {
            result_.unread.push_back(
                {model::GapCause::kInvalidInput, std::move(problem.path), std::move(problem.what)});
        }
        join_boms();
        if (Status stored = store(); !stored.ok()) return stored.error();
        return std::move(result_);
    }

  private:
    void load_index() {
        if (!file_status(request_.index_path, FollowLinks::kYes).ok()) return;
        const auto bytes = read_file(request_.index_path, kMaxIndexBytes);
        auto read = bytes.ok() ? read_rescan_index(bytes.result.value().bytes)
                               : Result<RescanIndex>(bytes.result.error());
        if (read.ok()) {
            old_ = std::move(read).value();
            return;
        }
        result_.problems.push_back(
            {request_.index_path, read.error().to_string() + "; every weakness counts as new"});
    }

    Status list_boms() {
        std::error_code code;
        fs::recursive_directory_iterator entries(
            request_.folder, fs::directory_options::skip_permission_denied, code);
        for (; !code && entries != fs::recursive_directory_iterator(); entries.increment(code)) {
            const std::string name = entries->path().filename().string();
            std::error_code type_code;
            if (name.starts_with('.')) {
                if (entries->is_directory(type_code)) entries.disable_recursion_pending();
                continue;
            }
            if (!entries->is_regular_file(type_code)) continue;
            found_.emplace_back().bom.path =
                entries->path().lexically_relative(request_.folder).string();
        }
        if (code) return Error{request_.folder + " cannot be read: " + code.message()};
        std::ranges::sort(found_, {}, [](const Found& found) { return found.bom.path; });
        std::unordered_map<std::string_view, const StoredBom*> known;
        for (const StoredBom& bom : old_.boms) known.emplace(bom.path, &bom);
        for (Found& found : found_) {
            const auto old = known.find(found.bom.path);
            if (old != known.end()) found.old = old->second;
        }
        return {};
    }

    void read_boms() {
        pool_.for_each(found_.size(), [&](std::size_t i, unsigned) {
            if (request_.cancel != nullptr && request_.cancel->cancelled()) return;
            read_bom(found_[i]);
        });
        for (const Found& found : found_) {
            if (!found.problem.empty()) {
                result_.problems.push_back({request_.folder + "/" + found.bom.path, found.problem});
            }
            result_.boms_read += found.is_unchanged ? 0 : 1;
            result_.unknowns += found.bom.unknowns;
        }
        result_.boms = found_.size();
    }

    void read_bom(Found& found) const {
        const std::string path = request_.folder + "/" + found.bom.path;
        const auto status = file_status(path, FollowLinks::kYes);
        if (status.ok()) {
            found.bom.size = status.result.value().size;
            found.bom.modified_ns = status.result.value().modified_ns;
        }
        if (found.old != nullptr && found.old->size == found.bom.size &&
            found.old->modified_ns == found.bom.modified_ns) {
            found.is_unchanged = true;
            found.bom.unknowns = found.old->unknowns;
            return;
        }
        const auto bytes = read_file(path, request_.limits.max_text_file_bytes);
        if (!bytes.ok()) {
            found.problem = bytes.result.error().message;
            return;
        }
        const auto read =
            exchange::read_bom(bytes.result.value().bytes, packages::is_listed_license);
        if (!read.ok()) {
            found.problem = read.error().to_string();
            return;
        }
        for (const exchange::BomComponent& component : read.value().bom.components) {
            std::string key = key_of(component);
            if (!key.empty()) {
                found.purls.push_back(std::move(key));
            } else {
                found.bom.unknowns += component.version.empty() ? 0 : 1;
            }
        }
    }

    // What names a package in the index: its package URL, and of a program that is looked up by its
    // CPE name that name behind a space, which no URL has. Empty: nothing names it.
    static std::string key_of(const exchange::BomComponent& component) {
        const auto url = packages::parse_package_url(component.purl);
        packages::Package package;
        package.ecosystem = packages::Ecosystem::kGeneric;
        package.name = component.name;
        package.version = component.version;
        if (url.ok()) package = packages::package_of(url.value());
        package.cpe = component.cpe;
        const std::string purl = url.ok() ? component.purl : packages::package_url_text(package);
        const bool is_program = !component.cpe.empty() && sca::target_of(package).cpe.has_value();
        if (is_program) return purl + " " + component.cpe;
        return url.ok() ? purl : std::string();
    }
    static std::string shown(std::string_view key) {
        return std::string(key.substr(0, key.find(kCpeMark)));
    }

    // The packages of all bills, each once; of a package that was known before, its weaknesses too.
    void number_packages() {
        constexpr std::uint32_t kNone = 0xFFFF'FFFF;
        std::vector<std::uint32_t> numbers(old_.packages.size(), kNone);
        std::unordered_map<std::string_view, std::uint32_t> by_purl;
        for (std::uint32_t i = 0; i < old_.packages.size(); ++i) {
            by_purl.emplace(old_.packages[i].purl, i);
        }
        std::unordered_map<std::string_view, std::uint32_t> added;
        const auto number_of_old = [&](std::uint32_t old) {
            if (numbers[old] == kNone) {
                numbers[old] = static_cast<std::uint32_t>(index_.packages.size());
                index_.packages.push_back({old_.packages[old].purl, {}});
                before_.push_back(&old_.packages[old]);
            }
            return numbers[old];
        };
        for (Found& found : found_) {
            std::vector<std::uint32_t>& packages = found.bom.packages;
            if (found.is_unchanged) {
                for (const std::uint32_t old : found.old->packages) {
                    packages.push_back(number_of_old(old));
                }
            }
            for (const std::string& purl : found.purls) {
                if (const auto old = by_purl.find(purl); old != by_purl.end()) {
                    packages.push_back(number_of_old(old->second));
                    continue;
                }
                const auto [place, is_new] =
                    added.emplace(purl, static_cast<std::uint32_t>(index_.packages.size()));
                packages.push_back(place->second);
                if (!is_new) continue;
                index_.packages.push_back({purl, {}});
                before_.push_back(nullptr);
            }
            std::ranges::sort(packages);
            packages.erase(std::unique(packages.begin(), packages.end()), packages.end());
        }
        result_.packages = index_.packages.size();
    }

    Status match() {
        std::vector<packages::Package> asked(index_.packages.size());
        pool_.for_each(asked.size(), [&](std::size_t i, unsigned) {
            const std::string& key = index_.packages[i].purl;
            const auto url = packages::parse_package_url(shown(key));
            if (url.ok()) asked[i] = packages::package_of(url.value());
            if (const std::size_t mark = key.find(kCpeMark); mark != std::string::npos) {
                asked[i].cpe = key.substr(mark + 1);
            }
        });
        const sca::MatchReport report =
            MERLON_TRY(sca::match_packages(*request_.database, asked, pool_));
        return request_.database->read([&](const sca::DatabaseReader& reader) {
            compare(report, sca::MatchTexts(reader, asked, report));
        });
    }

    // Of each match whether it is news; the bills of a change come later.
    void compare(const sca::MatchReport& report, const sca::MatchTexts& texts) {
        for (const sca::MatchedClass& match : report.matches) {
            RescanChange change;
            change.ids = texts.ids(match);
            const std::string ids = joined(change.ids, " ");
            const StoredPackage* const before = before_[match.package];
            index_.packages[match.package].weaknesses.push_back(ids);
            change.purl = shown(index_.packages[match.package].purl);
            change.severity = match.severity;
            change.fixed = texts.fixed(match);
            change.is_known_exploited = match.is_known_exploited;
            change.is_malicious = match.is_malicious;
            const bool is_known = before != nullptr && is_among(ids, before->weaknesses);
            pending_[static_cast<std::uint32_t>(match.package)].push_back(
                {std::move(change), is_known});
        }
        for (std::uint32_t i = 0; i < before_.size(); ++i) {
            if (before_[i] == nullptr) continue;
            for (const std::string& ids : before_[i]->weaknesses) {
                if (is_among(ids, index_.packages[i].weaknesses)) continue;
                RescanChange change;
                change.news = RescanNews::kGone;
                change.purl = shown(before_[i]->purl);
                change.ids = apart(ids);
                pending_[i].push_back({std::move(change), false});
            }
        }
    }

    // A known weakness is news of a bill that did not hold its package before; what is gone is of
    // those that did.
    void join_boms() {
        for (const Found& found : found_) {
            std::vector<std::string_view> held;  // of a bill that was read, before
            if (!found.is_unchanged && found.old != nullptr) {
                for (const std::uint32_t old : found.old->packages) {
                    held.push_back(old_.packages[old].purl);
                }
                std::ranges::sort(held);
            }
            for (const std::uint32_t number : found.bom.packages) {
                const auto pending = pending_.find(number);
                if (pending == pending_.end()) continue;
                const bool held_before =
                    found.is_unchanged || std::ranges::binary_search(
                                              held, std::string_view(index_.packages[number].purl));
                for (Pending& one : pending->second) {
                    const bool is_news = one.change.news == RescanNews::kGone
                                             ? held_before
                                             : !one.is_known || !held_before;
                    if (is_news) one.change.boms.push_back(found.bom.path);
                }
            }
        }
        for (auto& [number, changes] : pending_) {
            for (Pending& one : changes) {
                if (!one.change.boms.empty()) result_.changes.push_back(std::move(one.change));
            }
        }
        std::ranges::sort(result_.changes, [](const RescanChange& left, const RescanChange& right) {
            return std::tie(left.news, left.purl, left.ids) <
                   std::tie(right.news, right.purl, right.ids);
        });
    }

    Status store() {
        for (Found& found : found_) {
            // What could not be read is tried again.
            if (found.problem.empty()) index_.boms.push_back(std::move(found.bom));
        }
        return write_file_atomically(request_.index_path, write_rescan_index(index_));
    }

    struct Pending {
        RescanChange change;
        bool is_known;
    };

    const RescanRequest& request_;
    ThreadPool& pool_;
    RescanIndex old_;
    RescanIndex index_;
    std::vector<const StoredPackage*> before_;  // of each package of index_; null: it is new
    std::vector<Found> found_;
    std::unordered_map<std::uint32_t, std::vector<Pending>> pending_;
    Rescan result_;
};

}  // namespace

Result<Rescan> rescan(const RescanRequest& request, ThreadPool& pool) {
    return Run(request, pool).run();
}

}  // namespace merlon::scan
