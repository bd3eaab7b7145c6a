#include "connect/git/complete_commit.h"

#include <unordered_set>
#include <vector>

#include "connect/git/commit.h"
#include "connect/git/tree.h"

namespace merlon::connect::git {
namespace {

// The object, as far as it is of the type and has the name that it was asked for by.
Result<Object> read_checked(const ObjectDatabase& objects, const ObjectId& id, ObjectType type) {
    auto read = objects.read_original(id);
    if (!read.ok()) return read.error();
    if (read.value().type != type) {
        return Error{"object " + id.hex() + " is no " + std::string(name(type))};
    }
    if (hash_object(id.algorithm(), type, read.value().bytes()) != id) {
        return Error{"object " + id.hex() + " is damaged"};
    }
    return std::move(read).value();
}

}  // namespace

Status check_commit(const ObjectDatabase& objects, const ObjectId& commit, CommitCheck check,
                    const CancelToken* cancel) {
    const Object read = MERLON_TRY(read_checked(objects, commit, ObjectType::kCommit));
    const Commit parsed = MERLON_TRY(parse_commit(read.bytes(), commit.algorithm()));
    std::unordered_set<ObjectId> seen{parsed.tree};
    std::vector<ObjectId> waiting{parsed.tree};
    while (!waiting.empty()) {
        if (cancel != nullptr && cancel->cancelled()) return Error{"cancelled"};
        const ObjectId id = waiting.back();
        waiting.pop_back();
        const Object tree = MERLON_TRY(read_checked(objects, id, ObjectType::kTree));
        if (check == CommitCheck::kRoot) return {};
        TreeCursor cursor(tree.bytes(), commit.algorithm());
        while (MERLON_TRY(cursor.next())) {
            const TreeEntry& entry = cursor.entry();
            if (entry.mode == FileMode::kSubmodule) continue;
            if (entry.mode == FileMode::kTree) {
                if (seen.insert(entry.id).second) waiting.push_back(entry.id);
            } else if (!objects.contains(entry.id)) {
                return Error{"object " + entry.id.hex() + " is missing"};
            }
        }
    }
    return {};
}

}  // namespace merlon::connect::git
