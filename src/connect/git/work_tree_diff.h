#pragma once

// What is changed and not staged: how the working tree differs from the index, as plain `git diff`
// tells it.
//
// The idea: as in git, a file whose size, times, owner and number are those that the index has
// noted is not opened, unless it was written so late that the index could not have noticed a
// change. What is opened is compared as it would be stored (clean_content.h). The contents of
// changed files have no object yet: WorkTreeObjects gives them under the ids that they would get,
// so that patches are made as between any two blobs.
//
// Not told apart, as it does not change an added line of a file: uncommitted changes inside a
// submodule. Files that cannot be read or converted are problems, and the rest is compared.
//
// One thread. Memory: the contents of changed files.

#include <string_view>
#include <unordered_map>

#include "connect/git/attributes.h"
#include "connect/git/index_diff.h"
#include "connect/git/index_view.h"
#include "connect/git/object.h"
#include "connect/git/repository.h"

namespace merlon::connect::git {

// The repository's objects, and contents that are none yet.
class WorkTreeObjects final : public ObjectReader {
  public:
    explicit WorkTreeObjects(const ObjectDatabase& stored) : stored_(stored) {}

    // Keeps the content; returns its id.
    ObjectId put(FileBytes content);

    ObjectResult<Object> read(const ObjectId& id) const override;
    ObjectResult<std::uint64_t> size(const ObjectId& id) const override;

  private:
    const ObjectDatabase& stored_;
    std::unordered_map<ObjectId, FileBytes> contents_;
};

// Changes from the index to the working tree, below `folder` ("" or "a/b/").
Result<IndexDiff> diff_work_tree(const Repository& repository, const Attributes& attributes,
                                 const IndexView& index, std::string_view folder,
                                 WorkTreeObjects& objects);

}  // namespace merlon::connect::git
