// Any strings and any text, for every folding and kind of match, against the plain meaning; and any
// bytes as a stored block.

#include <cstdlib>
#include <cstring>
#include <vector>

#include "match/literals_reference.h"

namespace {

using namespace merlon::match;

void expect(bool holds) {
    if (!holds) std::abort();
}

std::vector<LiteralHit> hits_of(const LiteralView& view, std::string_view text,
                                LiteralMatch match) {
    std::vector<LiteralHit> hits;
    if (match == LiteralMatch::kOverlapping) {
        view.scan(text, [&](const LiteralHit& hit) { hits.push_back(hit); });
        std::sort(hits.begin(), hits.end(), [](const LiteralHit& a, const LiteralHit& b) {
            return a.begin != b.begin ? a.begin < b.begin : a.id < b.id;
        });
        return hits;
    }
    for (std::size_t from = 0; from < text.size();) {
        const auto hit = view.find(text, from);
        if (!hit) break;
        hits.push_back(*hit);
        from = std::max(hit->end, from + 1);
    }
    return hits;
}

void load_as_block(std::string_view bytes) {
    std::vector<std::uint32_t> words(bytes.size() / 4);
    if (words.empty()) return;
    std::memcpy(words.data(), bytes.data(), words.size() * 4);
    const auto view = LiteralView::load(std::as_bytes(std::span(words)));
    if (!view.ok()) return;
    const std::string text = "a key and a token, \xE2\x84\xAA\xC5\xBF\xFF" + std::string(bytes);
    for (const LiteralHit& hit : hits_of(view.value(), text, view.value().match())) {
        expect(hit.begin <= hit.end && hit.end <= text.size());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const unsigned kind = data[0];
    if ((kind & 0x80) != 0) {
        load_as_block(bytes.substr(1));
        return 0;
    }
    if (size > 2048) return 0;
    LiteralOptions options;
    options.fold = static_cast<LiteralFold>(kind & 3);
    options.match = static_cast<LiteralMatch>((kind >> 2 & 3) % 3);
    constexpr LiteralEngine kEngines[] = {LiteralEngine::kAutomatic, LiteralEngine::kTeddy,
                                          LiteralEngine::kAutomaton};
    options.engine = kEngines[(kind >> 4 & 7) % 3];
    options.max_dense_bytes = 512;
    // Strings, each behind its length; what is left is the text.
    std::vector<std::string> strings;
    std::string_view rest = bytes.substr(1);
    while (!rest.empty() && strings.size() < 16) {
        const auto length = static_cast<unsigned char>(rest[0]);
        rest.remove_prefix(1);
        if (length > 12) break;
        strings.emplace_back(rest.substr(0, length));
        rest.remove_prefix(std::min<std::size_t>(length, rest.size()));
    }
    const auto set = LiteralSet::compile(strings, options);
    expect(set.ok());
    const auto expected =
        options.match == LiteralMatch::kOverlapping
            ? reference::all_hits(strings, rest, options.fold)
            : reference::leftmost_hits(strings, rest, options.fold, options.match);
    for (const merlon::SimdPath path : merlon::kSimdPaths) {
        if (!merlon::is_available(path)) continue;
        expect(hits_of(set.value().view().on(path), rest, options.match) == expected);
    }
    return 0;
}
