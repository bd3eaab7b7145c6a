#include "connect/git/object_folders.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>

#include "connect/git/quoted_path.h"

namespace merlon::connect::git {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMaxAlternateDepth = 5;  // as in git
constexpr std::uint64_t kMaxAlternatesBytes = std::uint64_t{1} << 20;
// How long a pack may lack its index before it counts as damaged: 127 ms. Who repacks puts the
// index in place last and takes it away first.
constexpr std::chrono::milliseconds kFirstPause{1};
constexpr std::chrono::milliseconds kLastPause{64};
// A folder's time of change is coarse: it is believed only after so many looks that it survived.
constexpr unsigned kUntrustedLooks = 1000;

}  // namespace

bool path_exists(const std::string& path) { return file_status(path, FollowLinks::kYes).ok(); }

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code code;
    for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
        names.push_back(at->path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

void ObjectFolders::add_gap(std::string path, const Error& error) {
    gaps_.push_back({model::GapCause::kCorruptObject, std::move(path), error.message});
}

void ObjectFolders::open_at_depth(const std::string& folder, unsigned depth) {
    if (std::ranges::find(paths_, folder) != paths_.end()) return;
    paths_.push_back(folder);
    open_packs(folder + "/pack");
    read_alternates(folder, depth);
}

ObjectFolders::PackFolder ObjectFolders::read_pack_folder(const std::string& folder,
                                                          HashAlgorithm algorithm) {
    PackFolder found;
    const std::vector<std::string> names = names_in(folder);
    const auto path_of = [&](std::string_view name) {
        return std::string(folder).append("/").append(name);
    };
    for (const std::string& file : names) {
        if (file.ends_with(".promisor")) found.has_promisor = true;
        if (!file.ends_with(".pack")) continue;
        const std::string path = path_of(file);
        const std::string index = file.substr(0, file.size() - 5) + ".idx";
        if (!std::ranges::binary_search(names, index)) {
            found.is_steady = false;
            found.problems.emplace_back(
                path, Error{"has no index (.idx) beside it, so that its objects cannot be found; "
                            "run 'git index-pack' on it"});
            continue;
        }
        Result<Pack> pack = Pack::open(path, algorithm);
        if (pack.ok()) {
            found.packs.push_back(std::make_unique<Pack>(std::move(pack).value()));
            continue;
        }
        if (!path_exists(path) || !path_exists(path_of(index))) found.is_steady = false;
        const std::string& about = pack.error().file;
        found.problems.emplace_back(about.empty() ? path : about, pack.error());
    }
    if (!std::ranges::binary_search(names, "multi-pack-index")) return found;
    const std::string path = path_of("multi-pack-index");
    Result<MultiPackIndex> multi = MultiPackIndex::open(path, algorithm);
    if (multi.ok()) {
        found.multi = std::move(multi).value();
    } else {
        if (!path_exists(path)) found.is_steady = false;
        found.problems.emplace_back(path, multi.error());  // the packs' own indexes serve
    }
    return found;
}

void ObjectFolders::open_packs(const std::string& folder) {
    PackFolder found = read_pack_folder(folder, algorithm_);
    for (auto pause = kFirstPause; !found.is_steady && pause <= kLastPause; pause *= 2) {
        std::this_thread::sleep_for(pause);
        found = read_pack_folder(folder, algorithm_);
    }
    has_promisor_pack_ |= found.has_promisor;
    for (auto& [path, error] : found.problems) add_gap(std::move(path), error);
    std::unordered_map<std::string, const Pack*> by_index_name;
    for (std::unique_ptr<Pack>& pack : found.packs) {
        known_.insert(pack->path());
        const std::string name = pack->path().substr(folder.size() + 1);
        by_index_name[name.substr(0, name.size() - 5) + ".idx"] = pack.get();
    }
    if (found.multi) {
        std::vector<const Pack*> numbered;
        for (const std::string& pack_name : found.multi->pack_names()) {
            const auto pack = by_index_name.find(pack_name);
            numbered.push_back(pack == by_index_name.end() ? nullptr : pack->second);
            if (pack != by_index_name.end()) by_index_name.erase(pack);
        }
        indexed_.push_back({*std::move(found.multi), std::move(numbered)});
    }
    for (std::unique_ptr<Pack>& pack : found.packs) {
        for (const auto& [name, lone] : by_index_name) {
            if (lone == pack.get()) single_packs_.push_back(lone);
        }
        packs_.push_back(std::move(pack));
    }
}

std::vector<const Pack*> ObjectFolders::packs_since() const {
    const std::scoped_lock lock(mutex_);
    for (const std::string& objects : paths_) {
        const std::string folder = objects + "/pack";
        const FileResult<FileStatus> status = file_status(folder, FollowLinks::kYes);
        if (!status.ok()) continue;
        Look& look = looks_[folder];
        if (look.modified_ns != status.result.value().modified_ns) {
            look = {status.result.value().modified_ns, 0};
        }
        if (look.times >= kUntrustedLooks) continue;
        ++look.times;
        // A pack is whole once its index is there.
        for (const std::string& name : names_in(folder)) {
            if (!name.ends_with(".idx")) continue;
            const std::string path =
                std::string(folder).append("/").append(name, 0, name.size() - 4).append(".pack");
            if (known_.contains(path)) continue;
            Result<Pack> pack = Pack::open(path, algorithm_);
            if (!pack.ok()) continue;  // whatever it holds is missed, and told then
            known_.insert(path);
            since_.push_back(std::make_unique<Pack>(std::move(pack).value()));
        }
    }
    std::vector<const Pack*> packs;
    for (const std::unique_ptr<Pack>& pack : since_) packs.push_back(pack.get());
    return packs;
}

// gitrepository-layout, "objects/info/alternates": one folder a line, relative to this one, in
// double quotes where its name needs them.
void ObjectFolders::read_alternates(const std::string& folder, unsigned depth) {
    const std::string path = folder + "/info/alternates";
    if (!path_exists(path)) return;
    const Result<std::string> text = read_text_file(path, kMaxAlternatesBytes);
    if (!text.ok()) {
        add_gap(path, text.error());
        return;
    }
    std::string_view rest = text.value();
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string line(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.empty() || line.front() == '#') continue;
        if (std::optional<UnquotedPath> quoted = unquote_path(line)) line = quoted->path;
        if (!line.starts_with('/')) line.insert(0, folder + '/');
        line = fs::path(line).lexically_normal().string();
        if (line.size() > 1 && line.back() == '/') line.pop_back();
        if (depth >= kMaxAlternateDepth) {
            add_gap(path, {"alternates of alternates go deeper than " +
                           std::to_string(kMaxAlternateDepth) + "; '" + line + "' is not read"});
        } else if (!path_exists(line)) {
            add_gap(path, {"names the alternate '" + line +
                           "', which is not there; its objects are missing"});
        } else {
            open_at_depth(line, depth + 1);
        }
    }
}

}  // namespace merlon::connect::git
