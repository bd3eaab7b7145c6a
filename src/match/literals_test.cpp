#include "match/literals.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "match/literals_reference.h"

namespace merlon::match {
namespace {

using Strings = std::vector<std::string>;

constexpr LiteralEngine kEngines[] = {LiteralEngine::kAutomatic, LiteralEngine::kTeddy,
                                      LiteralEngine::kAutomaton};

std::vector<LiteralHit> scan(const LiteralView& view, std::string_view text) {
    std::vector<LiteralHit> hits;
    view.scan(text, [&](const LiteralHit& hit) { hits.push_back(hit); });
    std::sort(hits.begin(), hits.end(), [](const LiteralHit& a, const LiteralHit& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.id < b.id;
    });
    return hits;
}

std::vector<LiteralHit> find_each(const LiteralView& view, std::string_view text) {
    std::vector<LiteralHit> hits;
    std::size_t from = 0;
    while (const auto hit = view.find(text, from)) {
        hits.push_back(*hit);
        from = hit->end;
    }
    return hits;
}

// As find_each, but a hostile block may find empty strings.
std::vector<LiteralHit> find_some(const LiteralView& view, std::string_view text) {
    std::vector<LiteralHit> hits;
    for (std::size_t from = 0; from < text.size(); ++from) {
        if (const auto hit = view.find(text, from)) hits.push_back(*hit);
    }
    return hits;
}

std::string shown(const std::vector<LiteralHit>& hits) {
    std::string text;
    for (const LiteralHit& hit : hits) {
        text += std::to_string(hit.id) + "@" + std::to_string(hit.begin) + "-" +
                std::to_string(hit.end) + " ";
    }
    return text;
}

// Every engine, path and kind of match against the plain meaning.
void expect_same(const Strings& strings, const std::vector<std::string>& texts, LiteralFold fold) {
    for (const LiteralMatch match : {LiteralMatch::kOverlapping, LiteralMatch::kLeftmostFirst,
                                     LiteralMatch::kLeftmostLongest}) {
        for (const LiteralEngine engine : kEngines) {
            LiteralOptions options;
            options.fold = fold;
            options.match = match;
            options.engine = engine;
            // Some rows and some compressed states.
            if (engine == LiteralEngine::kAutomaton) options.max_dense_bytes = 400;
            const LiteralSet set = LiteralSet::compile(strings, options).value();
            for (const std::string& text : texts) {
                const auto expected = match == LiteralMatch::kOverlapping
                                          ? reference::all_hits(strings, text, fold)
                                          : reference::leftmost_hits(strings, text, fold, match);
                for (const SimdPath path : kSimdPaths) {
                    if (!is_available(path)) continue;
                    const LiteralView view = set.view().on(path);
                    const auto found = match == LiteralMatch::kOverlapping ? scan(view, text)
                                                                           : find_each(view, text);
                    ASSERT_EQ(shown(found), shown(expected))
                        << testing::PrintToString(strings) << " in " << testing::PrintToString(text)
                        << " fold " << static_cast<int>(fold) << " match "
                        << static_cast<int>(match) << " engine " << static_cast<int>(view.engine())
                        << " path " << static_cast<int>(path);
                }
            }
        }
    }
}

TEST(Literals, every_engine_finds_what_stands_there) {
    expect_same({"key", "token", "kEy", "ke", "e", "", "key"},
                {"", "k", "a key, a KEY, a token: keykey", "tokenkey"}, LiteralFold::kExact);
    expect_same({"abc"}, {"xxabc ABC abcabc", std::string(100, 'a') + "abc"}, LiteralFold::kAscii);
    expect_same({"a", "b"}, {"abba", std::string(70, 'x') + "a"}, LiteralFold::kExact);
    expect_same({""}, {"", "a"}, LiteralFold::kExact);
    expect_same({}, {"", "a"}, LiteralFold::kUnicode);
}

// The end of a text is looked at by vectors that reach back, where all windows are of four bytes.
TEST(Literals, a_string_is_found_at_every_place_of_a_short_text) {
    const Strings strings = {"wxyz", "qxyz1", "wxyz", "a-wxyz", "kjhgfd"};
    std::vector<std::string> texts;
    for (std::size_t length = 0; length < 90; length += length < 50 ? 1 : 7) {
        for (std::size_t at = 0; at <= length; ++at) {
            for (const std::string& string : {strings[0], strings[3], strings[4]}) {
                std::string text(length - at, '.');
                text.insert(0, std::string(at, 'w'));
                text.insert(at, string);
                texts.push_back(std::move(text));
            }
        }
    }
    expect_same(strings, texts, LiteralFold::kExact);
    expect_same(strings, texts, LiteralFold::kAscii);
    // From a place on: what begins before it is no match, though its window stands behind.
    LiteralOptions options;
    options.engine = LiteralEngine::kTeddy;
    const LiteralSet set = LiteralSet::compile(strings, options).value();
    for (const std::string& text : texts) {
        const auto all = reference::all_hits(strings, text, LiteralFold::kExact);
        for (std::size_t from = 0; from < text.size(); ++from) {
            std::optional<LiteralHit> expected;
            for (const LiteralHit& hit : all) {
                if (hit.begin >= from && (!expected || hit.begin < expected->begin)) expected = hit;
            }
            ASSERT_EQ(set.view().find(text, from), expected) << text << ' ' << from;
        }
    }
}

TEST(Literals, folds_as_go_folds) {
    const Strings strings = {"key",
                             "stra\xC3\x9F"
                             "e",
                             "\xFF", "\xC4\xB0", "i"};
    const std::vector<std::string> texts = {
        "\xE2\x84\xAA"
        "EY key",  // U+212A
        "STRA\xE1\xBA\x9E"
        "E",  // U+1E9E folds to U+00DF
        "a\xFF"
        "b\xC4\xB0\xC4\xB1\xC3\xC4\xB0",  // U+0130, U+0131, broken
        "\xC5\xBF"
        "tra\xC3\x9F"
        "e",  // U+017F
    };
    for (const LiteralFold fold : {LiteralFold::kUnicode, LiteralFold::kLower}) {
        expect_same(strings, texts, fold);
    }
    LiteralOptions options;
    options.fold = LiteralFold::kUnicode;
    const Strings key = {"key"};
    const LiteralSet unicode = LiteralSet::compile(key, options).value();
    EXPECT_EQ(unicode.view().find(texts[0]), (LiteralHit{0, 0, 5}));
    options.fold = LiteralFold::kLower;
    const Strings i = {"i"};
    EXPECT_EQ(LiteralSet::compile(i, options).value().view().find("\xC4\xB0"),
              (LiteralHit{0, 0, 2}))
        << "strings.ToLower makes U+0130 an i, folding does not";
}

TEST(Literals, every_engine_agrees_on_random_sets_and_texts) {
    std::mt19937 random(23);
    const std::vector<std::vector<std::string>> alphabets = {
        {"a", "b"},
        {"a", "b", "c", "A", "B"},
        {"a", "k", "K", "s", "\xC5\xBF", "\xE2\x84\xAA", "\xC3\xA9", "\xC3\x89", "\xFF", "\xC3"},
        {"e", "t", "i", "I", "\xC4\xB0", "_", "\xEF\xBF\xBD", "\x80"},
        {"x", "\x00\x01", "\xF0\x9D\x84\x9E", "-", "q", "zz"},
    };
    for (int round = 0; round < 700; ++round) {
        const auto& alphabet = alphabets[random() % alphabets.size()];
        const auto make = [&](std::size_t most) {
            std::string text;
            for (std::size_t left = random() % (most + 1); left > 0; --left) {
                text += alphabet[random() % alphabet.size()];
            }
            return text;
        };
        Strings strings;
        const std::size_t longest = 1 + random() % 7;
        for (std::size_t left = random() % 9; left > 0; --left) strings.push_back(make(longest));
        std::vector<std::string> texts;
        for (const std::size_t most : {4, 40, 150}) texts.push_back(make(most));
        expect_same(strings, texts, static_cast<LiteralFold>(random() % 4));
        if (HasFatalFailure()) return;
    }
}

TEST(Literals, hundreds_of_strings_share_the_packed_search) {
    std::mt19937 random(5);
    Strings strings;
    for (int i = 0; i < 400; ++i) {
        std::string string;
        for (std::size_t left = 3 + random() % 9; left > 0; --left) {
            string.push_back("abcdefghijklmnopqrstuvwxyz0123456789_-"[random() % 38]);
        }
        strings.push_back(string);
    }
    std::vector<std::string> texts(3);
    for (std::string& text : texts) {
        while (text.size() < 2000) {
            text += random() % 5 == 0 ? strings[random() % strings.size()]
                                      : std::string(1, static_cast<char>(' ' + random() % 95));
        }
    }
    expect_same(strings, texts, LiteralFold::kAscii);
    LiteralOptions options;
    options.fold = LiteralFold::kAscii;
    EXPECT_EQ(LiteralSet::compile(strings, options).value().view().engine(), LiteralEngine::kTeddy);
}

TEST(Literals, a_text_made_to_slow_them_down_goes_to_the_automaton) {
    const std::string run(40'000, 'a');
    for (const Strings& strings :
         {Strings{std::string(2000, 'a') + "b"},
          Strings{std::string(2000, 'a') + "b", std::string(1500, 'a') + "c", "xyz"}}) {
        const std::string text = run + "b" + run + "xyz" + run + "c";
        for (const LiteralMatch match :
             {LiteralMatch::kOverlapping, LiteralMatch::kLeftmostFirst}) {
            LiteralOptions options;
            options.match = match;
            const LiteralSet set = LiteralSet::compile(strings, options).value();
            options.engine = LiteralEngine::kAutomaton;
            const LiteralSet automaton = LiteralSet::compile(strings, options).value();
            EXPECT_NE(set.view().engine(), LiteralEngine::kAutomaton);
            if (match == LiteralMatch::kOverlapping) {
                EXPECT_EQ(shown(scan(set.view(), text)), shown(scan(automaton.view(), text)));
            } else {
                EXPECT_EQ(shown(find_each(set.view(), text)),
                          shown(find_each(automaton.view(), text)));
            }
        }
    }
}

TEST(Literals, behind_a_hostile_stretch_the_faster_search_comes_back) {
    const std::vector<Strings> sets = {
        {"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzqq"},
        {"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzqq", "key=", "a word of it"},
        {"zzzzzzzq", "zzzzzzzzzzzzq", std::string(40'000, 'z') + "x"}};
    for (const Strings& strings : sets) {
        std::string text;
        for (int round = 0; round < 3; ++round) {
            for (int i = 0; i < 2000; ++i) text += "some key= and a word of it; ";
            text += std::string(300'000, 'z');
            text += strings.back() + strings.front();
            for (int i = 0; i < 9000; ++i) text += "zzzzzzz key= ";
        }
        for (const LiteralFold fold : {LiteralFold::kExact, LiteralFold::kAscii}) {
            LiteralOptions options;
            options.match = LiteralMatch::kOverlapping;
            options.fold = fold;
            const LiteralSet fast = LiteralSet::compile(strings, options).value();
            options.engine = LiteralEngine::kAutomaton;
            const LiteralSet plain = LiteralSet::compile(strings, options).value();
            EXPECT_NE(fast.view().engine(), LiteralEngine::kAutomaton);
            const std::vector<LiteralHit> expected = scan(plain.view(), text);
            EXPECT_GE(expected.size(), 3u);
            for (const SimdPath path : kSimdPaths) {
                if (!is_available(path)) continue;
                EXPECT_TRUE(scan(fast.view().on(path), text) == expected);
            }
        }
    }
}

TEST(Literals, a_hundred_thousand_strings_fit_in_bounded_memory) {
    std::mt19937 random(3);
    Strings strings;
    std::size_t bytes = 0;
    for (int i = 0; i < 100'000; ++i) {
        std::string string;
        for (std::size_t left = 8 + random() % 8; left > 0; --left) {
            string.push_back("abcdefghijklmnopqrstuvwxyz0123456789"[random() % 36]);
        }
        bytes += string.size();
        strings.push_back(string);
    }
    LiteralOptions options;
    options.match = LiteralMatch::kOverlapping;
    const LiteralSet set = LiteralSet::compile(strings, options).value();
    EXPECT_LT(set.block().size(), options.max_dense_bytes + bytes * 25);
    std::string text;
    for (int i = 0; i < 1000; ++i) text += strings[random() % strings.size()] + " ";
    std::vector<LiteralHit> expected;
    std::size_t hits = 0;
    set.view().scan(text, [&](const LiteralHit& hit) {
        ++hits;
        EXPECT_EQ(text.substr(hit.begin, hit.end - hit.begin), strings[hit.id]);
    });
    EXPECT_GE(hits, 1000u);
}

// Every folding and kind of match at the largest size: what is found is held against a table of the
// strings by what they fold to, looked up for each begin and length.
TEST(Literals, a_hundred_thousand_strings_in_every_folding_and_kind_of_match) {
    std::mt19937 random(29);
    const std::string letters[] = {
        "a", "B", "k", "S", "e", "\xC3\xA9", "\xD0\x96", "7", "_", "\xC4\xB0", "\xE1\xBA\x9E",
        "t", "r", "o", "n", "I"};
    const auto word = [&] {
        std::string text;
        for (std::size_t left = 4 + random() % 8; left > 0; --left) {
            text += letters[random() % std::size(letters)];
        }
        return text;
    };
    Strings strings(100'000);
    for (std::string& each : strings) each = word();
    std::string text;
    for (int i = 0; i < 400; ++i) {
        text += i % 3 == 0 ? word() : strings[random() % strings.size()];
        if (i % 5 == 0) text += "\xE2\x84\xAA\xC5\xBFk\xFF ";
    }
    for (const LiteralFold fold :
         {LiteralFold::kExact, LiteralFold::kAscii, LiteralFold::kUnicode, LiteralFold::kLower}) {
        std::multimap<std::string, std::uint32_t> by_folded;
        for (std::uint32_t id = 0; id < strings.size(); ++id) {
            by_folded.emplace(reference::folded(strings[id], fold), id);
        }
        // All occurrences, by begin; those of one begin by id.
        std::vector<LiteralHit> all;
        const auto is_begin = [&](std::size_t at) {
            return fold == LiteralFold::kExact || fold == LiteralFold::kAscii ||
                   (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
        };
        for (std::size_t begin = 0; begin < text.size(); ++begin) {
            if (!is_begin(begin)) continue;
            const std::size_t of_this_begin = all.size();
            for (std::size_t end = begin + 1; end <= std::min(text.size(), begin + 40); ++end) {
                if (end < text.size() && !is_begin(end)) continue;
                const auto [first, last] = by_folded.equal_range(
                    reference::folded(std::string_view(text).substr(begin, end - begin), fold));
                for (auto at = first; at != last; ++at) all.push_back({at->second, begin, end});
            }
            std::sort(all.begin() + static_cast<std::ptrdiff_t>(of_this_begin), all.end(),
                      [](const LiteralHit& a, const LiteralHit& b) { return a.id < b.id; });
        }
        ASSERT_GT(all.size(), 250u);
        for (const LiteralMatch match : {LiteralMatch::kOverlapping, LiteralMatch::kLeftmostFirst,
                                         LiteralMatch::kLeftmostLongest}) {
            LiteralOptions options;
            options.fold = fold;
            options.match = match;
            const LiteralSet set = LiteralSet::compile(strings, options).value();
            EXPECT_EQ(set.view().engine(), LiteralEngine::kAutomaton);
            const auto found = match == LiteralMatch::kOverlapping ? scan(set.view(), text)
                                                                   : find_each(set.view(), text);
            const auto expected = match == LiteralMatch::kOverlapping
                                      ? all
                                      : reference::leftmost_of(all, strings, fold, match);
            EXPECT_EQ(shown(found), shown(expected))
                << static_cast<int>(fold) << " " << static_cast<int>(match);
        }
    }
}

TEST(Literals, too_much_text_is_refused_with_its_limit) {
    LiteralOptions options;
    options.max_text_bytes = 10;
    const Strings strings = {"abcdef", "ghijkl"};
    const auto set = LiteralSet::compile(strings, options);
    ASSERT_FALSE(set.ok());
    EXPECT_NE(set.error().message.find("10 bytes"), std::string::npos);
}

TEST(Literals, a_block_is_searched_where_it_lies_and_a_broken_one_refused) {
    const Strings strings = {"key", "token", "secret", "a_longer_one"};
    for (const LiteralEngine engine : kEngines) {
        LiteralOptions options;
        options.match = LiteralMatch::kOverlapping;
        options.engine = engine;
        const LiteralSet set = LiteralSet::compile(strings, options).value();
        const std::vector<std::byte> block(set.block().begin(), set.block().end());
        const std::string text =
            "a key, a token, a_longer_one and a secret; " + std::string(60, 'k');
        const LiteralView view = LiteralView::load(block).value();
        EXPECT_EQ(shown(scan(view, text)), shown(scan(set.view(), text)));

        EXPECT_FALSE(LiteralView::load({}).ok());
        EXPECT_FALSE(LiteralView::load(std::span(block).subspan(4)).ok());
        EXPECT_FALSE(LiteralView::load(std::span(block).first(block.size() - 4)).ok());
        // Whatever is changed: refused, or searched without leaving the text.
        std::mt19937 random(9);
        for (int i = 0; i < 4000; ++i) {
            std::vector<std::byte> broken = block;
            for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) {
                broken[random() % broken.size()] = static_cast<std::byte>(random());
            }
            const auto loaded = LiteralView::load(broken);
            if (!loaded.ok()) continue;
            const LiteralView& hostile = loaded.value();
            const bool is_overlapping = hostile.match() == LiteralMatch::kOverlapping;
            for (const LiteralHit& hit :
                 is_overlapping ? scan(hostile, text) : find_some(hostile, text)) {
                ASSERT_LE(hit.begin, hit.end);
                ASSERT_LE(hit.end, text.size());
            }
        }
    }
}

}  // namespace
}  // namespace merlon::match
