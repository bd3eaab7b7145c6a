// Any index, path filter and file to store (the first byte chooses): an index is walked in jumps as
// step by step, a difference is found or an error given; line ends come out as asked.

#include <cstdlib>
#include <string>

#include "connect/git/author_filter.h"
#include "connect/git/clean_content.h"
#include "connect/git/index_diff.h"
#include "connect/git/object_map.h"
#include "connect/git/path_filter.h"

namespace {

using namespace merlon;
using namespace merlon::connect::git;

void walk(const IndexView& view) {
    IndexCursor steps = view.entries();
    IndexCursor jumps = view.entries();
    while (true) {
        const bool there = steps.next() && steps.next();
        if (view.move(jumps, 2) != there) std::abort();
        if (!there) return;
        if (steps.path() != jumps.path() || steps.id() != jumps.id()) std::abort();
    }
}

void compare(std::string bytes) {
    const Result<IndexView> view = IndexView::of(std::move(bytes), HashAlgorithm::kSha1);
    if (!view.ok()) return;
    walk(view.value());
    ObjectMap objects;
    const ObjectId blob = objects.blob("one\n");
    const ObjectId folder = objects.tree({{"100644", "b", blob}});
    const ObjectId top = objects.tree({{"100644", "a", blob}, {"40000", "f", folder}});
    for (const std::string_view scope : {"", "f/"}) {
        const auto diff = diff_index(objects, top, view.value(), scope);
        if (!diff.ok()) continue;
        for (const FileChange& change : diff.value().diff.changes) {
            if (!change.path.starts_with(scope)) std::abort();
        }
    }
}

void filter(const std::string& text) {
    const std::size_t zero = std::min(text.find('\0'), text.size());
    const std::vector<std::string> words = {text.substr(0, zero)};
    const std::string path = text.substr(std::min(zero + 1, text.size()));
    if (const auto made = PathFilter::make(words, "a/"); made.ok() && made.value().matches(path)) {
        for (std::size_t at = 0; (at = path.find('/', at)) != std::string::npos; ++at) {
            if (!made.value().may_match_below(path.substr(0, at + 1))) std::abort();
        }
    }
    if (const auto made = AuthorFilter::make(words); made.ok())
        (void)made.value().accepts(path, {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 3) {
        case 0:
            compare(bytes);
            break;
        case 1:
            filter(bytes);
            break;
        default: {
            const CleanRules rules{CleanRules::LineEnds::kText, false, {}};
            const std::string clean = cleaned(rules, bytes, "").value_or(bytes);
            for (std::size_t at = 0; (at = clean.find("\r\n", at)) != std::string::npos; ++at) {
                // Only what was "\r\r\n" leaves one.
                if (bytes.find("\r\r\n") == std::string::npos) std::abort();
            }
            (void)cleaned({CleanRules::LineEnds::kGuess, true, {}}, bytes, "a\r\n");
        }
    }
    return 0;
}
