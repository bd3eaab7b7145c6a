// The checkpoint of a history from hostile bytes, and from a valid one with some bytes changed:
// either it is none, or what was read is written and read again as it is.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "scan/history_checkpoint.h"

namespace {

using namespace merlon;
using namespace merlon::scan;
namespace git = connect::git;

git::ObjectId id(char first) {
    const std::string raw(32, first);
    return git::ObjectId::from_bytes(git::HashAlgorithm::kSha1, raw.data());
}

std::string valid_bytes() {
    HistoryCheckpoint all;
    all.ids = {id('a'), id('b'), id('c')};
    all.objects.resize(3);
    all.objects[0].type = git::ObjectType::kCommit;
    all.objects[1] = {git::ObjectType::kTree, true, {}};
    all.objects[2].outcome = {0, ObjectState::kHolds, 77, 1000, 1, 3};
    all.paths = {"a/b.txt"};
    all.path_facts = {{false, 5, ".txt"}};
    HistoryCheckpoint::Commit commit;
    commit.tree = 1;
    commit.before = {2};
    commit.changes = {{0, 2, 0, 1}, {0, kNone, 1, 0}};
    all.commits.push_back(commit);
    all.blobs = {{2, 0, {{4, "tag"}}}};
    all.messages = {{0, kNone, {{5, "tag"}}}};
    all.versions = {{2, 0, 0, 0, 1}};
    all.findings.resize(1);
    all.findings[0].rule_id = "rule";
    all.tags = {"tag"};
    all.sample = {id('b')};
    all.submodules = {id('z')};
    return serialize(all);
}

void check(std::string_view bytes) {
    const auto read = parse_checkpoint(bytes, git::HashAlgorithm::kSha1);
    if (!read) return;
    const std::string written = serialize(*read);
    const auto again = parse_checkpoint(written, git::HashAlgorithm::kSha1);
    MERLON_ASSERT(again.has_value() && serialize(*again) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check({reinterpret_cast<const char*>(data), size});
    // Each three bytes: a place, and what stands there from now on.
    std::string changed = valid_bytes();
    for (std::size_t i = 0; i + 3 <= size && i < 96; i += 3) {
        const std::size_t at = (std::size_t{data[i]} << 8 | data[i + 1]) % changed.size();
        changed[at] = static_cast<char>(data[i + 2]);
    }
    check(changed);
    if (size > 0) check(std::string_view(changed).substr(0, changed.size() * data[0] / 256));
    return 0;
}
