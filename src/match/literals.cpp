#include "match/literals.h"

#include <algorithm>

#include "base/assert.h"
#include "match/byte_frequency.h"
#include "match/literal_fold.h"
#include "text/utf8_scan.h"

namespace merlon::match {
namespace {

constexpr std::array<char, 8> kMagic = {'M', 'L', 'I', 'T', 'E', 'R', 'A', 'L'};
constexpr std::uint32_t kVersion = 1 | kBlobByteOrder;
constexpr std::size_t kMaxTeddyStrings = 2048;
// Where another engine does the work, the automaton is there for hostile texts and for processors
// without vectors.
constexpr std::size_t kReserveDenseBytes = std::size_t{256} << 10;
// How much the automaton reads where a text turned out to be hostile before the faster search is
// tried again: more than that may waste each time (kWorkAllowance).
constexpr std::size_t kStretchBytes = std::size_t{64} << 10;

constexpr std::size_t part(LiteralPart which) { return static_cast<std::size_t>(which); }

std::uint8_t letter_mask(unsigned char byte, bool folds) {
    return folds && byte >= 'a' && byte <= 'z' ? 0x20 : 0;
}

// The distinct bytes where every string has one, else nothing.
std::vector<unsigned char> single_bytes(const LiteralTexts& texts,
                                        const std::vector<std::uint32_t>& ids) {
    std::vector<unsigned char> bytes;
    for (const std::uint32_t id : ids) {
        if (texts.length(id) != 1) return {};
        bytes.push_back(static_cast<unsigned char>(texts.string(id)[0]));
    }
    std::sort(bytes.begin(), bytes.end());
    bytes.erase(std::unique(bytes.begin(), bytes.end()), bytes.end());
    return bytes.size() <= 3 ? bytes : std::vector<unsigned char>{};
}

void choose_pair(std::string_view string, bool folds, LiteralHeader& header) {
    std::vector<std::uint32_t> order(string.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto often = [&](std::uint32_t i) {
        const auto byte = static_cast<std::uint8_t>(string[i]);
        const bool both = letter_mask(byte, folds) != 0;
        return byte_frequency(byte) +
               (both ? byte_frequency(static_cast<std::uint8_t>(byte - 32)) : 0);
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return often(a) < often(b); });
    order.resize(2);
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < 2; ++i) {
        const auto byte = static_cast<unsigned char>(string[order[i]]);
        header.offsets[i] = order[i];
        header.bytes[i] = byte;
        header.byte_masks[i] = letter_mask(byte, folds);
    }
}

// Which engine, and its tables.
void write_engine(const LiteralTexts& texts, LiteralEngine wanted, BlobWriter& writer,
                  LiteralHeader& header) {
    std::vector<std::uint32_t> ids;
    for (std::uint32_t id = 0; id < texts.count(); ++id) {
        if (texts.length(id) > 0) ids.push_back(id);
    }
    const auto take = [&](LiteralEngine engine) {
        header.engine = static_cast<std::uint8_t>(engine);
    };
    const auto may = [&](LiteralEngine engine) {
        return wanted == LiteralEngine::kAutomatic || wanted == engine;
    };
    take(LiteralEngine::kAutomaton);
    if (ids.empty()) return take(LiteralEngine::kNothing);
    const std::vector<unsigned char> bytes = single_bytes(texts, ids);
    if (!bytes.empty() && may(LiteralEngine::kBytes)) {
        for (std::size_t i = 0; i < 4; ++i) {  // the last one stands for those that are not there
            const unsigned char byte = bytes[std::min(i, bytes.size() - 1)];
            header.bytes[i] = byte;
            header.byte_masks[i] = letter_mask(byte, texts.folds);
        }
        header.offsets[0] = static_cast<std::uint32_t>(bytes.size());
        return take(LiteralEngine::kBytes);
    }
    if (ids.size() == 1 && texts.length(ids[0]) > 1 && may(LiteralEngine::kPair)) {
        choose_pair(texts.string(ids[0]), texts.folds, header);
        header.offsets[0] = std::min(header.offsets[0], header.offsets[1]);
        return take(LiteralEngine::kPair);
    }
    if (ids.size() <= kMaxTeddyStrings && may(LiteralEngine::kTeddy)) {
        BlobWriter with_teddy = writer;
        LiteralHeader its_header = header;
        const double stops = Teddy::write(texts, with_teddy, its_header);
        if (stops <= kTeddyWorthwhile || wanted == LiteralEngine::kTeddy) {
            writer = std::move(with_teddy);
            header = its_header;
            return take(LiteralEngine::kTeddy);
        }
    }
}

std::size_t code_points(std::string_view folded) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < folded.size(); ++count) {
        at += folded[at] == text::kInvalidMark ? 2 : text::decode_utf8(folded.substr(at)).width;
    }
    return count;
}

// The begin of the code point that ends at `end`: a complete sequence is one, whatever stands
// before it.
std::size_t previous_boundary(std::string_view text, std::size_t end) {
    for (std::size_t width = std::min<std::size_t>(4, end); width > 1; --width) {
        const text::CodePoint point = text::decode_utf8(text.substr(end - width, width));
        if (point.valid && point.width == width) return end - width;
    }
    return end - 1;
}

}  // namespace

Result<LiteralSet> LiteralSet::compile(std::span<const std::string> strings,
                                       const LiteralOptions& options) {
    std::vector<std::uint32_t> begin{0};
    std::string text;
    for (const std::string& string : strings) {
        text += fold_string(string, options.fold);
        if (text.size() > options.max_text_bytes) {
            return Error{"the strings to search for are longer than " +
                         std::to_string(options.max_text_bytes) +
                         " bytes; search for fewer at once"};
        }
        begin.push_back(static_cast<std::uint32_t>(text.size()));
    }
    const LiteralTexts texts{begin, text, options.fold != LiteralFold::kExact};

    LiteralHeader header{};
    header.magic = kMagic;
    header.version = kVersion;
    header.fold = static_cast<std::uint8_t>(options.fold);
    header.match = static_cast<std::uint8_t>(options.match);
    header.is_ascii = text::is_ascii(text) ? 1 : 0;
    header.count = texts.count();
    BlobWriter writer(sizeof header);
    header.parts[part(LiteralPart::kTextBegin)] = writer.add(begin);
    header.parts[part(LiteralPart::kText)] = writer.add(std::span<const char>(text));
    write_engine(texts, options.engine, writer, header);
    if (header.engine != static_cast<std::uint8_t>(LiteralEngine::kNothing)) {
        const bool is_reserve =
            header.engine != static_cast<std::uint8_t>(LiteralEngine::kAutomaton);
        AhoCorasick::write(texts,
                           options.match == LiteralMatch::kLeftmostFirst
                               ? AhoCorasick::Hidden::kDrop
                               : AhoCorasick::Hidden::kKeep,
                           is_reserve ? std::min(kReserveDenseBytes, options.max_dense_bytes)
                                      : options.max_dense_bytes,
                           writer, header);
    }
    header.size = static_cast<std::uint32_t>(writer.size_bytes());

    LiteralSet set;
    set.words_ = std::move(writer).finish(header);
    set.view_ = MERLON_TRY(LiteralView::load(set.block()));
    return set;
}

Result<LiteralView> LiteralView::load(std::span<const std::byte> block) {
    LiteralHeader header;
    if (block.size() < sizeof header || !is_blob_aligned(block)) {
        return Error{"stored literals: the block is too short or not aligned to 4 bytes"};
    }
    std::memcpy(&header, block.data(), sizeof header);
    if (header.magic != kMagic || header.version != kVersion || header.size != block.size() ||
        header.fold > static_cast<std::uint8_t>(LiteralFold::kLower) ||
        header.match > static_cast<std::uint8_t>(LiteralMatch::kOverlapping) ||
        header.engine > static_cast<std::uint8_t>(LiteralEngine::kAutomaton) ||
        header.engine == static_cast<std::uint8_t>(LiteralEngine::kAutomatic)) {
        return Error{"stored literals: not a block of this version; compile it again"};
    }
    LiteralView view;
    view.block_ = block;
    view.engine_ = static_cast<LiteralEngine>(header.engine);
    view.fold_ = static_cast<LiteralFold>(header.fold);
    view.match_ = static_cast<LiteralMatch>(header.match);
    view.is_ascii_ = header.is_ascii != 0;
    view.path_ = best_simd_path();
    view.max_window_offset_ = header.max_window_offset;

    const auto begin =
        read_section<std::uint32_t>(block, header.parts[part(LiteralPart::kTextBegin)]);
    const auto text = read_section<char>(block, header.parts[part(LiteralPart::kText)]);
    if (!begin || !text || begin->empty() || begin->size() - 1 != header.count ||
        begin->front() != 0 || begin->back() != text->size() ||
        !std::is_sorted(begin->begin(), begin->end())) {
        return Error{"stored literals: the table of strings does not fit"};
    }
    view.texts_ = {*begin, *text, view.fold_ != LiteralFold::kExact};
    for (std::uint32_t id = 0; id < view.texts_.count(); ++id) {
        view.max_length_ = std::max(view.max_length_, view.texts_.length(id));
    }

    view.byte_count_ = std::clamp<std::size_t>(header.offsets[0], 1, 3);
    for (std::size_t i = 0; i < 3; ++i) view.bytes_[i] = {header.bytes[i], header.byte_masks[i]};
    for (std::size_t i = 0; i < 2; ++i) {
        view.pair_.bytes[i] = {header.bytes[i], header.byte_masks[i]};
        view.pair_.offsets[i] = header.offsets[i];
    }
    if (view.engine_ == LiteralEngine::kPair &&
        (header.offsets[0] > header.offsets[1] || header.offsets[1] > text->size() ||
         header.count == 0)) {
        return Error{"stored literals: the bytes to look for stand outside their string"};
    }
    if (view.engine_ == LiteralEngine::kPair) {
        while (view.pair_id_ + 1 < header.count && view.texts_.length(view.pair_id_) == 0) {
            ++view.pair_id_;
        }
    }
    if (view.engine_ == LiteralEngine::kTeddy) {
        view.teddy_ = MERLON_TRY(Teddy::load(block, header));
    }
    if (view.engine_ != LiteralEngine::kNothing) {
        view.automaton_ = MERLON_TRY(AhoCorasick::load(block, header));
    }
    return view;
}

// Whether comparing bytes, ASCII letters in either case, finds what a folding of code points means
// in this text.
bool LiteralView::reads_bytes(std::string_view text) const {
    const std::size_t ascii = text::find_non_ascii(text, path_);
    if (ascii == text.size()) return true;
    if (!is_ascii_) return false;
    // What is not ASCII and folds to it: U+017F or U+0130, and U+212A.
    const std::string_view rest = text.substr(ascii);
    const std::string_view letter = fold_ == LiteralFold::kUnicode ? "\xC5\xBF" : "\xC4\xB0";
    return rest.find(letter) == std::string_view::npos &&
           rest.find("\xE2\x84\xAA") == std::string_view::npos;
}

bool LiteralView::is_better(std::uint32_t id, std::uint32_t than) const {
    if (match_ == LiteralMatch::kLeftmostLongest && texts_.length(id) != texts_.length(than)) {
        return texts_.length(id) > texts_.length(than);
    }
    return id < than;
}

SweepEnd LiteralView::sweep_bytes(LiteralSweep& sweep) const {
    const std::span<const MaskedByte> wanted(bytes_.data(), byte_count_);
    std::size_t at = sweep.from;
    while ((at = find_bytes(sweep.text, at, wanted, path_)) < sweep.limit) {
        for (std::uint32_t id = 0; id < texts_.count(); ++id) {
            if (texts_.length(id) == 1 && texts_.stands_at(id, sweep.text, at) &&
                !sweep.sink(id, at, at + 1)) {
                return {true, at};
            }
        }
        ++at;
    }
    return {true, sweep.limit};
}

SweepEnd LiteralView::sweep_pair(LiteralSweep& sweep) const {
    const std::uint32_t id = pair_id_;
    std::size_t work = 0;
    std::size_t at = sweep.from;
    while ((at = find_pair(sweep.text, at, sweep.limit, pair_, path_)) < sweep.limit) {
        work += texts_.length(id);
        if (texts_.stands_at(id, sweep.text, at) && !sweep.sink(id, at, at + texts_.length(id))) {
            return {true, at};
        }
        ++at;
        if (work > kWorkAllowance + (at - sweep.from) * kWorkForEachByte) return {false, at};
    }
    return {true, sweep.limit};
}

// Not for kAutomaton.
SweepEnd LiteralView::sweep(LiteralSweep& sweep) const {
    switch (engine_) {
        case LiteralEngine::kBytes:
            return sweep_bytes(sweep);
        case LiteralEngine::kPair:
            return sweep_pair(sweep);
        case LiteralEngine::kTeddy:
            // Without vectors each place would cost more than a step of the automaton.
            if (path_ == SimdPath::kPortable) return {false, sweep.from};
            return teddy_.sweep(texts_, sweep, path_);
        default:
            return {true, sweep.limit};
    }
}

// Tells of what ends in text[from, to); false where that was enough.
bool LiteralView::scan_automaton(std::string_view text, std::size_t from, std::size_t to,
                                 LiteralSink sink) const {
    AhoCorasick::State state = AhoCorasick::kRoot;
    for (std::size_t at = from; at < to; ++at) {
        state = automaton_.step(state, static_cast<unsigned char>(text[at]));
        if (!AhoCorasick::has_output(state)) [[likely]] {
            continue;
        }
        const bool goes_on = automaton_.outputs(state, [&](std::uint32_t id) {
            const std::size_t length = texts_.length(id);
            return length > at + 1 || sink(id, at + 1 - length, at + 1);
        });
        if (!goes_on) return false;
    }
    return true;
}

void LiteralView::scan_into(std::string_view text, LiteralSink sink) const {
    MERLON_ASSERT(match_ == LiteralMatch::kOverlapping);
    if (engine_ == LiteralEngine::kNothing) return;
    if (folds_by_code_point(fold_) && !reads_bytes(text)) return scan_folded(text, sink);
    const bool has_no_vectors = engine_ == LiteralEngine::kTeddy && path_ == SimdPath::kPortable;
    if (engine_ == LiteralEngine::kAutomaton || has_no_vectors) {
        (void)scan_automaton(text, 0, text.size(), sink);
        return;
    }
    for (std::size_t from = 0; from < text.size();) {
        LiteralSweep sweep{text, from, text.size(), sink};
        const SweepEnd end = this->sweep(sweep);
        if (end.is_done) return;
        from = scan_stretch(text, end.reached, sink);
    }
}

// The automaton goes on from `reached`, which is a place that was not looked at, for a while;
// returns the first place that it has not looked at, or the end where that was enough. Begins are
// what it can be started at, places are what was looked at.
std::size_t LiteralView::scan_stretch(std::string_view text, std::size_t reached,
                                      LiteralSink sink) const {
    struct Stretch {
        const LiteralView& view;
        LiteralSink sink;
        std::size_t from;
        std::size_t to;
    } stretch{*this, sink, reached,
              std::min(text.size(), reached + std::max(kStretchBytes, 4 * max_length_))};
    const LiteralSink only_stretch{
        &stretch, [](void* context, std::uint32_t id, std::size_t begin, std::size_t hit_end) {
            const Stretch& known = *static_cast<Stretch*>(context);
            const std::size_t place = begin + known.view.place_of(id);
            return place < known.from || place >= known.to || known.sink(id, begin, hit_end);
        }};
    const bool goes_on =
        scan_automaton(text, reached - std::min<std::size_t>(reached, max_window_offset_),
                       std::min(text.size(), stretch.to + max_length_), only_stretch);
    return goes_on ? stretch.to : text.size();
}

std::optional<LiteralHit> LiteralView::find(std::string_view text, std::size_t from) const {
    MERLON_ASSERT(match_ != LiteralMatch::kOverlapping);
    if (engine_ == LiteralEngine::kNothing || from >= text.size()) return std::nullopt;
    if (folds_by_code_point(fold_) && !reads_bytes(text)) return find_folded(text, from);
    if (engine_ == LiteralEngine::kAutomaton) return find_by_automaton(text, from);
    // Nothing is done to what comes back: a copy of what was written just before waits for it, and
    // on short texts that is a third of the time.
    if (engine_ == LiteralEngine::kPair) return find_by_pair(text, from);
    return find_by_engine(text, from);
}

// A string alone needs nobody who chooses: most calls are with short texts.
std::optional<LiteralHit> LiteralView::find_by_pair(std::string_view text, std::size_t from) const {
    const std::size_t length = texts_.length(pair_id_);
    std::size_t work = 0;
    for (std::size_t at = from; (at = find_pair(text, at, text.size(), pair_, path_)) < text.size();
         ++at) {
        if (texts_.stands_at(pair_id_, text, at)) return LiteralHit{pair_id_, at, at + length};
        work += length;
        if (work > kWorkAllowance + (at - from) * kWorkForEachByte) {
            return find_by_automaton(text, at);
        }
    }
    return std::nullopt;
}

std::optional<LiteralHit> LiteralView::find_by_engine(std::string_view text,
                                                      std::size_t from) const {
    struct Search {
        const LiteralView& view;
        LiteralSweep sweep;
        std::optional<LiteralHit> best;
    } search{*this, {text, from, text.size(), {}}, {}};
    search.sweep.sink = {
        &search, [](void* context, std::uint32_t id, std::size_t begin, std::size_t end) {
            Search& s = *static_cast<Search*>(context);
            if (begin < s.sweep.from) return true;  // its window alone stands in the range
            if (!s.best || begin < s.best->begin ||
                (begin == s.best->begin && s.view.is_better(id, s.best->id))) {
                s.best = LiteralHit{id, begin, end};
            }
            // No string that begins as early has its window further on.
            s.sweep.limit = std::min(s.sweep.limit, s.best->begin + s.view.max_window_offset_ + 1);
            return true;
        }};
    const SweepEnd end = sweep(search.sweep);
    if (end.is_done) {
        if (!search.best) return std::nullopt;
        return search.best;
    }
    const std::size_t first_unseen =
        std::max(from, end.reached - std::min<std::size_t>(end.reached, max_window_offset_));
    if (search.best && search.best->begin < first_unseen) return search.best;
    return find_by_automaton(text, first_unseen);
}

std::optional<LiteralHit> LiteralView::find_by_automaton(std::string_view text,
                                                         std::size_t from) const {
    std::optional<LiteralHit> best;
    AhoCorasick::State state = AhoCorasick::kRoot;
    for (std::size_t at = from; at < text.size(); ++at) {
        state = automaton_.step(state, static_cast<unsigned char>(text[at]));
        // What may still end begins later than what was found.
        if (best && at + 1 - std::min(automaton_.depth(state), at + 1) > best->begin) return best;
        if (!AhoCorasick::has_output(state)) continue;
        automaton_.outputs(state, [&](std::uint32_t id) {
            const std::size_t length = texts_.length(id);
            if (length > at + 1) return true;
            const std::size_t begin = at + 1 - length;
            if (!best || begin < best->begin || (begin == best->begin && is_better(id, best->id))) {
                best = LiteralHit{id, begin, at + 1};
            }
            return true;
        });
    }
    return best;
}

std::size_t LiteralView::place_of(std::uint32_t id) const {
    return engine_ == LiteralEngine::kTeddy ? teddy_.window_offset(id) : 0;
}

std::size_t LiteralView::begin_of(std::uint32_t id, std::string_view text, std::size_t end) const {
    std::size_t begin = end;
    for (std::size_t left = code_points(texts_.string(id)); left > 0 && begin > 0; --left) {
        begin = previous_boundary(text, begin);
    }
    return begin;
}

void LiteralView::scan_folded(std::string_view text, LiteralSink sink) const {
    AhoCorasick::State state = AhoCorasick::kRoot;
    for (std::size_t at = 0; at < text.size();) {
        const FoldedPoint point = fold_point(text.substr(at), fold_);
        for (std::size_t i = 0; i < point.count; ++i)
            state = automaton_.step(state, point.bytes[i]);
        at += point.width;
        if (!AhoCorasick::has_output(state)) continue;
        const bool goes_on = automaton_.outputs(
            state, [&](std::uint32_t id) { return sink(id, begin_of(id, text, at), at); });
        if (!goes_on) return;
    }
}

std::optional<LiteralHit> LiteralView::find_folded(std::string_view text, std::size_t from) const {
    std::optional<LiteralHit> best;
    std::size_t best_begin = 0;  // in folded bytes, as `read`
    std::size_t read = 0;
    AhoCorasick::State state = AhoCorasick::kRoot;
    for (std::size_t at = from; at < text.size();) {
        const FoldedPoint point = fold_point(text.substr(at), fold_);
        for (std::size_t i = 0; i < point.count; ++i)
            state = automaton_.step(state, point.bytes[i]);
        read += point.count;
        at += point.width;
        if (best && read - std::min(automaton_.depth(state), read) > best_begin) break;
        if (!AhoCorasick::has_output(state)) continue;
        automaton_.outputs(state, [&](std::uint32_t id) {
            const std::size_t begin = read - std::min(texts_.length(id), read);
            if (!best || begin < best_begin || (begin == best_begin && is_better(id, best->id))) {
                best = LiteralHit{id, 0, at};
                best_begin = begin;
            }
            return true;
        });
    }
    if (best) best->begin = begin_of(best->id, text, best->end);
    return best;
}

}  // namespace merlon::match
