#pragma once

// For which addresses the references of a remote (refs/remotes/NAME/…) were learned, kept in
// `merlon/remotes.json` in the folder that a repository's worktrees share.
//
// The idea: who pushes may leave out what the remote has, and refs/remotes says what that is only
// as long as the push goes where they came from. git keeps them when the address is set to another
// (git remote set-url) or pushes go elsewhere (remote.NAME.pushurl), so they are trusted for the
// addresses that were remembered and for no other. A new address is remembered once a push to it
// was scanned, together with the tips that came from elsewhere: those stay untrusted until they
// move. Names and passwords of web addresses are left out.
//
// git tells pre-push what the remote has under the names that are pushed. Where that is neither
// what refs/remotes says nor ahead of it, another repository stands there, or one that lost
// something: then nothing of it is trusted, in this push and in others, until a fetch has asked
// again, which FETCH_HEAD shows.
//
// One process writes at a time, by renaming; the last one holds. Cost: a small file and git's
// configuration.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connect/git/remote.h"
#include "connect/git/remote_records.h"

namespace merlon::connect::git {

struct PushTarget {
    std::string remote;   // its name, as git tells pre-push; an address where it has none
    std::string address;  // where it goes
};

// An address that may be shown and kept: without the user of a web address, and any password.
std::string shown_address(std::string_view address);

class RemoteMemory {
  public:
    // Fails where the file or git's configuration cannot be read: then nothing is to be trusted.
    // `repository` must outlive what is returned.
    static Result<RemoteMemory> open(const Repository& repository, const Variables& variables);

    // One of the remote's references, as the remote says at this moment.
    struct Told {
        std::string name;
        std::optional<ObjectId> id;  // nothing: it has none
    };
    // The remote's tips that what stands at the address has. `doubted` counts the others.
    struct Trust {
        std::vector<ObjectId> tips;
        std::size_t doubted = 0;
        enum class Reason : std::uint8_t {
            kRemembered,  // the address
            kConfigured,
            kOtherAddress,
            kContradicted,  // by what is told of `contradicted`, or was at an earlier push
        } reason;
        std::string contradicted = {};  // the reference here; empty: at an earlier push
    };
    Trust trust(const PushTarget& target, std::span<const Told> told) const;

    // All remotes that are not remembered yet, as they are configured.
    void learn_configured();
    // A push of `scanned` has passed. Nothing changes where its address is remembered already, or
    // the remote has no name.
    void learn_push(const PushTarget& target, std::span<const ObjectId> scanned);
    // What the remote said was not what is here, whether the push passes or not.
    void learn_contradiction(const PushTarget& target);

    bool has_changed() const { return has_changed_; }
    // `folder`, which has to be there, is all that is written to.
    Status save() const;
    const std::string& folder() const { return folder_; }

  private:
    Status read(const std::string& path);
    // The address that a remote is fetched from; empty: it is not configured.
    std::string configured_address(std::string_view name) const;
    bool is_configured(const PushTarget& target) const;
    // Where the remote was remembered under another address of its own, it is as good as new.
    const RemoteRecord* remembered(std::string_view name) const;
    const RemoteRecord::Address* remembered(const PushTarget& target) const;
    bool has_record(std::string_view name) const;
    std::vector<ObjectId> tips_of(std::string_view name) const;
    // Those that the history of `scanned` does not hold.
    std::vector<ObjectId> not_in(std::vector<ObjectId> tips,
                                 std::span<const ObjectId> scanned) const;
    // The tracking reference that the remote contradicts; nothing where none is.
    std::string contradicted(std::string_view remote, std::span<const Told> told) const;
    // Whether no fetch has asked the address since the remote contradicted what is here.
    bool is_contradicted_still(const RemoteRecord::Address& address) const;
    // That of the address; made where there is none. Nothing where it could not be kept.
    RemoteRecord::Address* made_record(const PushTarget& target);
    // When FETCH_HEAD was written.
    std::string last_fetch() const;

    const Repository* repository_ = nullptr;
    std::string folder_;
    std::vector<Reference> tracking_;  // refs/remotes/…
    std::vector<RemoteSetup> configured_;
    std::vector<RemoteRecord> remotes_;
    bool has_changed_ = false;
};

}  // namespace merlon::connect::git
