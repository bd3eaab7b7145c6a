// Any bytes as a stored program: refused, or every engine runs it without harm. Inputs that begin
// with a letter are expressions, whose program is changed in one place, because few random bytes
// get far.
//
// Input: 'e', the place and value of the change (3 bytes), an expression; or a program's bytes.

#include "match/program.h"

#include <cstdlib>

#include "match/backtrack.h"
#include "match/compile.h"
#include "match/lazy_dfa.h"
#include "match/onepass.h"
#include "match/pike.h"

namespace {

using namespace merlon::match;

void run_all(const ProgramView& program) {
    const std::string_view text = "ab \xC3\xA9\xFF\n01_-";
    const SearchInput input{text, 0, text.size(), Anchor::kNone};
    std::vector<std::size_t> slots(2 * (std::size_t{std::min(program.group_count(), 64u)} + 1),
                                   kNoPlace);
    Pike pike;
    (void)pike.search(program, input, slots);
    if (Backtracker::fits(program, text.size(), 1 << 20)) {
        (void)Backtracker(program).search(input, slots);
    }
    if (const auto one_pass = OnePass::make(program, 1 << 20)) {
        (void)one_pass->match_exactly(program, input, slots);
    }
    LazyDfa forward(program, Direction::kForward, LazyDfa::Kind::kFirst, 4096, nullptr);
    (void)forward.search_forward(input, LazyDfa::Stop::kAtBest);
    LazyDfa reverse(program, Direction::kReverse, LazyDfa::Kind::kLongest, 4096, nullptr);
    (void)reverse.search_reverse(input, LazyDfa::Stop::kAtBest);
    (void)program.capture_names();
    (void)program.prefixes();
}

void load_and_run(const std::byte* data, std::size_t size) {
    std::vector<std::uint32_t> words((size + 3) / 4);
    if (size > 0) std::memcpy(words.data(), data, size);
    const auto view = ProgramView::load(std::as_bytes(std::span(words)).first(size));
    if (view.ok()) run_all(view.value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 65'536) return 0;
    if (size < 4 || data[0] != 'e') {
        load_and_run(reinterpret_cast<const std::byte*>(data), size);
        return 0;
    }
    const std::string_view pattern(reinterpret_cast<const char*>(data) + 4, size - 4);
    if (pattern.size() > 64) return 0;
    const auto tree = parse_syntax(pattern);
    if (!tree.ok()) return 0;
    const auto program = compile_program(tree.value().root, tree.value().capture_names, pattern,
                                         MatchKind::kLeftmostFirst, {std::size_t{1} << 18});
    if (!program.ok()) return 0;
    const auto stored = program.value().view().bytes();
    std::vector<std::byte> bytes(stored.begin(), stored.end());
    const std::size_t at = (data[1] * 256u + data[2]) % bytes.size();
    bytes[at] = static_cast<std::byte>(data[3]);
    load_and_run(bytes.data(), bytes.size());
    return 0;
}
