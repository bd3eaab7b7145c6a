#include "connect/git/remote_memory.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/file.h"
#include "base/uri.h"
#include "connect/git/revision_walk.h"
#include "text/utf8.h"

namespace merlon::connect::git {
namespace {

constexpr std::uint64_t kMaxBytes = 1 << 24;
constexpr std::string_view kTracking = "refs/remotes/";

std::string path_in(const std::string& folder) { return folder + "/remotes.json"; }

bool can_be_kept(const std::string& text) { return text::is_valid_utf8(text); }

}  // namespace

std::string shown_address(std::string_view address) {
    const UriParts parts = parse_uri(address);
    if (!parts.scheme || !parts.authority) return std::string(address);
    const std::size_t at = parts.authority->rfind('@');
    if (at == std::string_view::npos) return std::string(address);
    const bool is_web = *parts.scheme == "http" || *parts.scheme == "https";
    const auto begin = static_cast<std::size_t>(parts.authority->data() - address.data());
    const std::size_t colon = parts.authority->find(':');
    std::string shown(address.substr(0, begin));
    if (!is_web) {
        shown += parts.authority->substr(0, std::min(colon, at));
        shown += '@';
    }
    return shown.append(address.substr(begin + at + 1));
}

Result<RemoteMemory> RemoteMemory::open(const Repository& repository, const Variables& variables) {
    RemoteMemory memory;
    memory.repository_ = &repository;
    memory.folder_ = repository.common_folder() + "/merlon";
    for (const Reference& reference : repository.references().all()) {
        if (reference.name.starts_with(kTracking)) memory.tracking_.push_back(reference);
    }
    memory.configured_ = MERLON_TRY(configured_remotes(repository, variables));
    for (RemoteSetup& remote : memory.configured_) {
        remote.address = shown_address(remote.address);
        remote.push_address = shown_address(remote.push_address);
    }
    const std::string path = path_in(memory.folder_);
    const FileResult<FileStatus> status = file_status(path, FollowLinks::kYes);
    if (status.failure == FileFailure::kNotFound) return memory;
    if (Status read = memory.read(path); !read.ok()) {
        return Error{.message = read.error().message +
                                "; it says which addresses the remotes' references are of: remove "
                                "it if it is damaged",
                     .file = path};
    }
    return memory;
}

Status RemoteMemory::read(const std::string& path) {
    const std::string text = MERLON_TRY(read_text_file(path, kMaxBytes));
    remotes_ = MERLON_TRY(parse_remote_records(text));
    return {};
}

std::string RemoteMemory::configured_address(std::string_view name) const {
    const auto at = std::ranges::find(configured_, name, &RemoteSetup::name);
    return at == configured_.end() ? std::string() : at->address;
}

bool RemoteMemory::is_configured(const PushTarget& target) const {
    const auto at = std::ranges::find(configured_, target.remote, &RemoteSetup::name);
    if (at == configured_.end() || target.address.empty()) return false;
    const std::string address = shown_address(target.address);
    return address == at->address || address == at->push_address;
}

bool RemoteMemory::has_record(std::string_view name) const {
    return std::ranges::find(remotes_, name, &RemoteRecord::name) != remotes_.end();
}

const RemoteRecord* RemoteMemory::remembered(std::string_view name) const {
    const auto at = std::ranges::find(remotes_, name, &RemoteRecord::name);
    if (at == remotes_.end() || at->fetched_from != configured_address(name)) return nullptr;
    return &*at;
}

const RemoteRecord::Address* RemoteMemory::remembered(const PushTarget& target) const {
    const RemoteRecord* const remote = remembered(target.remote);
    if (remote == nullptr) return nullptr;
    const auto at = std::ranges::find(remote->addresses, shown_address(target.address),
                                      &RemoteRecord::Address::address);
    return at == remote->addresses.end() ? nullptr : &*at;
}

// "refs/remotes/a/b/main" is of the remote "a/b" where there is one, and not of "a".
std::vector<ObjectId> RemoteMemory::tips_of(std::string_view name) const {
    const auto begins_with = [](const Reference& reference, std::string_view remote) {
        std::string_view rest(reference.name);
        rest.remove_prefix(kTracking.size());
        return rest.size() > remote.size() && rest.starts_with(remote) &&
               rest[remote.size()] == '/';
    };
    std::vector<ObjectId> tips;
    for (const Reference& reference : tracking_) {
        if (!begins_with(reference, name)) continue;
        const bool is_others = std::ranges::any_of(configured_, [&](const RemoteSetup& other) {
            if (other.name == name) return false;
            const bool is_within =
                other.name.size() > name.size() && begins_with(reference, other.name);
            return is_within || writes_tracking(other, reference.name);
        });
        if (!is_others) tips.push_back(reference.id);
    }
    std::ranges::sort(tips);
    const auto repeated = std::ranges::unique(tips);
    tips.erase(repeated.begin(), repeated.end());
    return tips;
}

std::vector<ObjectId> RemoteMemory::not_in(std::vector<ObjectId> tips,
                                           std::span<const ObjectId> scanned) const {
    CommitHistory history(*repository_);
    WalkRequest walk;
    const auto add = [&](const ObjectId& id, WalkRequest::Tip::Side side) {
        ObjectType type{};
        const ObjectResult<ObjectId> target =
            peel_tags(repository_->objects(), repository_->algorithm(), id, type);
        if (target.ok() && type == ObjectType::kCommit) walk.tips.push_back({target.value(), side});
    };
    for (const ObjectId& id : tips) add(id, WalkRequest::Tip::Side::kShow);
    for (const ObjectId& id : scanned) add(id, WalkRequest::Tip::Side::kExclude);
    std::vector<ObjectId> outside;
    for (const CommitNumber commit : walk_revisions(history, walk)) {
        outside.push_back(history.id(commit));
    }
    std::ranges::sort(outside);
    std::erase_if(tips, [&](const ObjectId& id) {
        if (std::ranges::find(scanned, id) != scanned.end()) return true;
        return !std::ranges::binary_search(outside, id) && repository_->objects().contains(id);
    });
    return tips;
}

std::string RemoteMemory::contradicted(std::string_view remote, std::span<const Told> told) const {
    const auto setup = std::ranges::find(configured_, remote, &RemoteSetup::name);
    if (setup == configured_.end()) return {};
    for (const Told& each : told) {
        const std::string local = tracking_name(*setup, each.name);
        const auto reference = std::ranges::find(tracking_, local, &Reference::name);
        if (reference == tracking_.end() || each.id == reference->id) continue;
        // A remote that is ahead has lost nothing.
        if (!each.id || !not_in({reference->id}, std::span(&*each.id, 1)).empty()) return local;
    }
    return {};
}

std::string RemoteMemory::last_fetch() const {
    const auto status = file_status(repository_->git_folder() + "/FETCH_HEAD", FollowLinks::kYes);
    return status.ok() ? std::to_string(status.result.value().modified_ns) : "never";
}

// git-fetch writes what it has asked for into FETCH_HEAD, with the address, but for slashes and
// ".git" at its end; of an empty repository nothing.
bool RemoteMemory::is_contradicted_still(const RemoteRecord::Address& address) const {
    if (address.contradicted_after.empty()) return false;
    if (address.contradicted_after == last_fetch()) return true;
    const Result<std::string> fetched =
        read_text_file(repository_->git_folder() + "/FETCH_HEAD", kMaxBytes);
    std::string_view place = address.address;
    while (place.ends_with('/')) place.remove_suffix(1);
    if (place.ends_with(".git")) place.remove_suffix(4);
    const std::size_t user = place.rfind('@');
    if (user != std::string_view::npos) place.remove_prefix(user + 1);
    return !fetched.ok() ||
           (!fetched.value().empty() && fetched.value().find(place) == std::string::npos);
}

RemoteMemory::Trust RemoteMemory::trust(const PushTarget& target,
                                        std::span<const Told> told) const {
    std::vector<ObjectId> tips = tips_of(target.remote);
    Trust trust{{}, 0, Trust::Reason::kRemembered};
    const RemoteRecord::Address* const known = remembered(target);
    if (known != nullptr) {
        std::ranges::set_difference(tips, known->foreign, std::back_inserter(trust.tips));
    } else if (!has_record(target.remote) && is_configured(target)) {
        trust.reason = Trust::Reason::kConfigured;
        trust.tips = tips;
    } else {
        trust.reason = Trust::Reason::kOtherAddress;
    }
    if (!trust.tips.empty()) {
        trust.contradicted = contradicted(target.remote, told);
        if (!trust.contradicted.empty() || (known != nullptr && is_contradicted_still(*known))) {
            trust.reason = Trust::Reason::kContradicted;
            trust.tips.clear();
        }
    }
    trust.doubted = tips.size() - trust.tips.size();
    return trust;
}

void RemoteMemory::learn_configured() {
    for (const RemoteSetup& setup : configured_) {
        if (setup.address.empty() || has_record(setup.name)) continue;
        if (!can_be_kept(setup.name + setup.address + setup.push_address)) continue;
        RemoteRecord remote{setup.name, setup.address, {{setup.address, {}}}};
        if (setup.push_address != setup.address) {
            remote.addresses.push_back({setup.push_address, {}});
        }
        remotes_.push_back(std::move(remote));
        has_changed_ = true;
    }
}

RemoteRecord::Address* RemoteMemory::made_record(const PushTarget& target) {
    // What is pushed to by its address has no references here.
    if (target.address.empty() || target.address == target.remote) return nullptr;
    const std::string fetched_from = configured_address(target.remote);
    const std::string shown = shown_address(target.address);
    if (!can_be_kept(target.remote + fetched_from + shown)) return nullptr;
    if (remembered(target.remote) == nullptr) {
        std::erase_if(remotes_, [&](const RemoteRecord& old) { return old.name == target.remote; });
        remotes_.push_back({target.remote, fetched_from, {}});
    }
    const auto remote = std::ranges::find(remotes_, target.remote, &RemoteRecord::name);
    const auto at = std::ranges::find(remote->addresses, shown, &RemoteRecord::Address::address);
    has_changed_ = true;
    if (at != remote->addresses.end()) return &*at;
    return &remote->addresses.emplace_back(RemoteRecord::Address{.address = shown});
}

void RemoteMemory::learn_push(const PushTarget& target, std::span<const ObjectId> scanned) {
    if (const RemoteRecord::Address* const known = remembered(target)) {
        if (known->contradicted_after.empty() || is_contradicted_still(*known)) return;
        made_record(target)->contradicted_after.clear();  // FETCH_HEAD tells of the last fetch only
        return;
    }
    std::vector<ObjectId> foreign;
    if (has_record(target.remote) || !is_configured(target)) {
        foreign = not_in(tips_of(target.remote), scanned);
    }
    RemoteRecord::Address* const address = made_record(target);
    if (address != nullptr) address->foreign = std::move(foreign);
}

void RemoteMemory::learn_contradiction(const PushTarget& target) {
    RemoteRecord::Address* const address = made_record(target);
    if (address != nullptr) address->contradicted_after = last_fetch();
}

Status RemoteMemory::save() const {
    return write_file_atomically(path_in(folder_), print_remote_records(remotes_));
}

}  // namespace merlon::connect::git
