#pragma once

// Names of revisions (gitrevisions, "Specifying revisions"): references, ids and beginnings of ids,
// HEAD, @, ^ ~ ^{type} @{n}, and what `git describe` writes.
//
// What needs the user's configuration (@{upstream}, @{push}), a search of messages (:/text) or a
// clock (@{yesterday}) is refused with a message that says so, never guessed.
//
// Thread-safe: no state. Cost: the objects on the way.

#include <string>
#include <string_view>

#include "connect/git/repository.h"

namespace merlon::connect::git {

// The object that `name` stands for; tags are not followed unless the name asks for it.
Result<ObjectId> resolve_revision(const Repository& repository, std::string_view name);

// The same, followed to a commit.
Result<ObjectId> resolve_commit(const Repository& repository, std::string_view name);

// The reference that a short name means, as git looks it up: itself, then below refs/, refs/tags/,
// refs/heads/, refs/remotes/, and a remote's HEAD. Nothing where there is none.
std::optional<Reference> find_reference(const Repository& repository, std::string_view name);

}  // namespace merlon::connect::git
