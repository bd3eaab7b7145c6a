// Any commit, tag and identity: views lie within the bytes, and nothing else happens.

#include <cstdlib>

#include "connect/git/commit.h"

namespace {

void check(std::string_view whole, std::string_view part) {
    if (part.data() == nullptr || part.empty()) return;
    if (part.data() < whole.data() || part.data() + part.size() > whole.data() + whole.size()) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace merlon::connect::git;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const HashAlgorithm algorithm : {HashAlgorithm::kSha1, HashAlgorithm::kSha256}) {
        if (const auto commit = parse_commit(bytes, algorithm); commit.ok()) {
            for (const std::string_view part : {commit.value().author, commit.value().committer,
                                                commit.value().encoding, commit.value().message}) {
                check(bytes, part);
            }
            (void)parse_identity(commit.value().author);
        }
        for (const ObjectType type : {ObjectType::kCommit, ObjectType::kTag}) {
            if (text_of(type, bytes, algorithm).size() > size + 1) std::abort();
        }
        if (const auto tag = parse_tag(bytes, algorithm); tag.ok()) {
            check(bytes, tag.value().tagger);
        }
    }
    if (const auto identity = parse_identity(bytes); identity.has_value()) {
        check(bytes, identity->name);
        check(bytes, identity->email);
        check(bytes, identity->zone);
        (void)identity->zone_minutes();
    }
    return 0;
}
