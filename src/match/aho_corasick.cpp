#include "match/aho_corasick.h"

#include <numeric>

namespace merlon::match {
namespace {

// Rows for at least these, or a search in the compressed states would look at every child of the
// root for most bytes.
constexpr std::uint32_t kMinDenseStates = 1;

constexpr std::size_t part(LiteralPart which) { return static_cast<std::size_t>(which); }

struct Trie {
    std::vector<std::uint32_t> first_child;
    std::vector<std::uint8_t> label;
    std::vector<std::uint32_t> parent;
    std::vector<std::uint32_t> depth_begin;
    std::vector<std::uint32_t> output_begin{0};
    std::vector<std::uint32_t> output;
};

// Breadth first over the sorted strings: a state is a run of strings with the same beginning, and
// its children are the runs within it. The trie is never built in any other form.
struct Run {
    std::uint32_t begin, end;  // in the sorted order
};

// Ids by ascending text, then id; without those that another one hides.
std::vector<std::uint32_t> sorted_ids(const LiteralTexts& texts, AhoCorasick::Hidden hidden) {
    std::vector<std::uint32_t> order(texts.count());
    std::iota(order.begin(), order.end(), 0);
    std::erase_if(order, [&](std::uint32_t id) { return texts.length(id) == 0; });
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        const int compared = texts.string(a).compare(texts.string(b));
        return compared != 0 ? compared < 0 : a < b;
    });
    if (hidden == AhoCorasick::Hidden::kKeep) return order;
    // In this order a string comes behind all its beginnings; those around it are a stack.
    std::vector<std::uint32_t> kept;
    std::vector<std::uint32_t> around;  // kept ones, each with the smallest id so far
    for (const std::uint32_t id : order) {
        while (!around.empty() && !texts.string(id).starts_with(texts.string(around.back()))) {
            around.pop_back();
        }
        const bool is_hidden =
            std::any_of(around.begin(), around.end(), [id](std::uint32_t a) { return a < id; });
        if (is_hidden) continue;
        kept.push_back(id);
        around.push_back(id);
    }
    return kept;
}

Trie make_trie(const LiteralTexts& texts, const std::vector<std::uint32_t>& order,
               std::span<const std::uint8_t> classes) {
    Trie trie;
    std::vector<Run> level = {{0, static_cast<std::uint32_t>(order.size())}};
    trie.label.push_back(0);
    trie.parent.push_back(0);
    std::uint32_t state = 0;
    for (std::size_t depth = 0; !level.empty(); ++depth) {
        trie.depth_begin.push_back(state);
        std::vector<Run> next;
        for (const Run& run : level) {
            std::uint32_t at = run.begin;
            for (; at < run.end && texts.length(order[at]) == depth; ++at) {
                trie.output.push_back(order[at]);
            }
            trie.output_begin.push_back(static_cast<std::uint32_t>(trie.output.size()));
            trie.first_child.push_back(static_cast<std::uint32_t>(trie.label.size()));
            while (at < run.end) {
                const char byte = texts.string(order[at])[depth];
                const std::uint32_t begin = at;
                while (at < run.end && texts.string(order[at])[depth] == byte) ++at;
                next.push_back({begin, at});
                trie.label.push_back(classes[static_cast<unsigned char>(byte)]);
                trie.parent.push_back(state);
            }
            ++state;
        }
        level = std::move(next);
    }
    trie.first_child.push_back(static_cast<std::uint32_t>(trie.label.size()));
    return trie;
}

std::optional<std::uint32_t> child_of(const Trie& trie, std::uint32_t state, std::uint8_t label) {
    const auto first = trie.label.begin() + trie.first_child[state];
    const auto last = trie.label.begin() + trie.first_child[state + 1];
    const auto at = std::lower_bound(first, last, label);
    if (at == last || *at != label) return std::nullopt;
    return static_cast<std::uint32_t>(at - trie.label.begin());
}

std::vector<std::uint32_t> make_fails(const Trie& trie) {
    std::vector<std::uint32_t> fail(trie.label.size(), 0);
    for (std::uint32_t state = 1; state < fail.size(); ++state) {
        const std::uint32_t parent = trie.parent[state];
        if (parent == 0) continue;
        for (std::uint32_t at = fail[parent];; at = fail[at]) {
            if (const auto child = child_of(trie, at, trie.label[state])) {
                fail[state] = *child;
                break;
            }
            if (at == 0) break;
        }
    }
    return fail;
}

}  // namespace

void AhoCorasick::write(const LiteralTexts& texts, Hidden hidden, std::size_t max_dense_bytes,
                        BlobWriter& writer, LiteralHeader& header) {
    const std::vector<std::uint32_t> order = sorted_ids(texts, hidden);

    // Classes ascend with the bytes, so that children sorted by byte are sorted by class.
    std::array<std::uint8_t, 256> classes{};
    for (const std::uint32_t id : order) {
        for (const char c : texts.string(id)) classes[static_cast<unsigned char>(c)] = 1;
    }
    std::uint32_t class_count = 1;
    // With all 256 bytes in use class 0 stands for none, and the last byte would be class 256: then
    // bytes are their own classes.
    const bool all_used = std::count(classes.begin(), classes.end(), 1) == 256;
    if (all_used) {
        std::iota(classes.begin(), classes.end(), 0);
        class_count = 256;
    } else {
        for (std::uint8_t& each : classes) {
            if (each != 0) each = static_cast<std::uint8_t>(class_count++);
        }
    }

    const Trie trie = make_trie(texts, order, classes);
    const auto state_count = static_cast<std::uint32_t>(trie.label.size());
    const std::vector<std::uint32_t> fail = make_fails(trie);
    if (texts.folds) {
        for (unsigned byte = 'A'; byte <= 'Z'; ++byte) classes[byte] = classes[byte + 32];
    }

    std::vector<std::uint32_t> link(state_count, 0);
    std::vector<std::uint32_t> first_child = trie.first_child;
    for (std::uint32_t state = 1; state < state_count; ++state) {
        const std::uint32_t back = fail[state];
        const bool back_ends = trie.output_begin[back] != trie.output_begin[back + 1];
        link[state] = back_ends ? back : link[back];
        if (link[state] != 0 || trie.output_begin[state] != trie.output_begin[state + 1]) {
            first_child[state] |= kHasOutput;
        }
    }

    const std::size_t rows = max_dense_bytes / (class_count * sizeof(std::uint32_t));
    const auto dense_count =
        static_cast<std::uint32_t>(std::clamp<std::size_t>(rows, kMinDenseStates, state_count));
    const std::uint32_t rows_end = dense_count * class_count;
    const auto code_of = [&](std::uint32_t number) {
        return (first_child[number] & kHasOutput) |
               (number < dense_count ? number * class_count : number - dense_count + rows_end);
    };
    // A row is that of the state to fall back to, which comes before, with the own children put in.
    std::vector<std::uint32_t> dense(rows_end, code_of(0));
    for (std::uint32_t state = 0; state < dense_count; ++state) {
        const auto row = dense.begin() + static_cast<std::ptrdiff_t>(state) * class_count;
        if (state != 0) {
            const auto back =
                dense.begin() + static_cast<std::ptrdiff_t>(fail[state]) * class_count;
            std::copy(back, back + class_count, row);
        }
        for (std::uint32_t child = trie.first_child[state]; child < trie.first_child[state + 1];
             ++child) {
            row[trie.label[child]] = code_of(child);
        }
    }

    // Behind the last row stands room for one more, so that no code inside the rows, whatever its
    // place in one, leads out of the table: load() then need not divide.
    dense.resize(dense.size() + class_count, code_of(0));

    const auto put = [&](LiteralPart which, BlobSection section) {
        header.parts[part(which)] = section;
    };
    header.class_count = class_count;
    header.dense_count = dense_count;
    put(LiteralPart::kClasses, writer.add(std::span<const std::uint8_t>(classes)));
    put(LiteralPart::kDense, writer.add(dense));
    put(LiteralPart::kFirstChild, writer.add(first_child));
    put(LiteralPart::kLabel, writer.add(trie.label));
    put(LiteralPart::kFail, writer.add(fail));
    put(LiteralPart::kOutputBegin, writer.add(trie.output_begin));
    put(LiteralPart::kOutput, writer.add(trie.output));
    put(LiteralPart::kOutputLink, writer.add(link));
    put(LiteralPart::kDepthBegin, writer.add(trie.depth_begin));
}

Result<AhoCorasick> AhoCorasick::load(std::span<const std::byte> block,
                                      const LiteralHeader& header) {
    AhoCorasick automaton;
    automaton.class_count_ = header.class_count;
    automaton.dense_count_ = header.dense_count;
    automaton.string_count_ = header.count;
    bool inside = true;
    const auto read = [&]<typename T>(LiteralPart which, std::span<const T>& into) {
        const auto section = read_section<T>(block, header.parts[part(which)]);
        inside = inside && section.has_value();
        if (section) into = *section;
    };
    read(LiteralPart::kClasses, automaton.classes_);
    read(LiteralPart::kDense, automaton.dense_);
    read(LiteralPart::kFirstChild, automaton.first_child_);
    read(LiteralPart::kLabel, automaton.label_);
    read(LiteralPart::kFail, automaton.fail_);
    read(LiteralPart::kOutputBegin, automaton.output_begin_);
    read(LiteralPart::kOutput, automaton.output_);
    read(LiteralPart::kOutputLink, automaton.output_link_);
    read(LiteralPart::kDepthBegin, automaton.depth_begin_);
    if (!inside) return Error{"stored literals: a table of the automaton lies outside the block"};
    if (auto status = automaton.check(); !status.ok()) return std::move(status).error();
    automaton.rows_end_ = automaton.dense_count_ * automaton.class_count_;
    return automaton;
}

AhoCorasick::State AhoCorasick::step_slowly(std::uint32_t code, std::uint32_t byte_class) const {
    while (code >= rows_end_) {
        const std::uint32_t number = number_of(code);
        const std::uint32_t first = first_child_[number] & kCodeMask;
        const std::uint32_t end = first_child_[number + 1] & kCodeMask;
        for (std::uint32_t child = first; child < end; ++child) {
            if (label_[child] == byte_class) return code_of(child);
            if (label_[child] > byte_class) break;
        }
        code = code_of(fail_[number]) & kCodeMask;
    }
    return dense_[code + byte_class];
}

// Every number that step(), outputs() and depth() follow leads to a state, a string or a row, and
// falling back ends, because it goes to a smaller number each time.
Status AhoCorasick::check() const {
    const Error broken{"stored literals: the automaton leads to a state that is not there"};
    const std::size_t states = fail_.size();
    if (states == 0 || states >= kHasOutput / 2 || classes_.size() != 256 || class_count_ == 0 ||
        class_count_ > 256 || dense_count_ == 0 || dense_count_ > states ||
        dense_.size() != (std::size_t{dense_count_} + 1) * class_count_ ||
        dense_.size() + states >= kHasOutput || first_child_.size() != states + 1 ||
        label_.size() != states || output_begin_.size() != states + 1 ||
        output_link_.size() != states || depth_begin_.empty() || depth_begin_[0] != 0) {
        return broken;
    }
    const auto bound = static_cast<std::uint32_t>(states);
    // The largest of each, so that the loops have no branches and run in vectors.
    std::uint32_t wrong = 0;
    for (const std::uint8_t each : classes_)
        wrong |= static_cast<std::uint32_t>(each >= class_count_);
    const std::uint32_t codes = dense_count_ * class_count_ + bound - dense_count_;
    for (const std::uint32_t code : dense_) {
        wrong |= static_cast<std::uint32_t>((code & kCodeMask) >= codes);
    }
    wrong |= (first_child_[states] & kCodeMask) != bound ? 1U : 0U;
    wrong |= output_begin_[0] != 0 || output_begin_[states] != output_.size() ? 1U : 0U;
    for (std::size_t i = 0; i < states; ++i) {
        const std::uint32_t first = first_child_[i] & kCodeMask;
        wrong |= static_cast<std::uint32_t>(first > (first_child_[i + 1] & kCodeMask)) |
                 static_cast<std::uint32_t>(first <= i) |
                 static_cast<std::uint32_t>(output_begin_[i] > output_begin_[i + 1]) |
                 static_cast<std::uint32_t>(i != 0 && fail_[i] >= i) |
                 static_cast<std::uint32_t>(i != 0 && output_link_[i] >= i);
    }
    wrong |= fail_[0] | output_link_[0];
    for (const std::uint32_t id : output_) wrong |= static_cast<std::uint32_t>(id >= string_count_);
    if (wrong != 0) return broken;
    return {};
}

}  // namespace merlon::match
