#include <cstring>

#include "match/regex_state.h"

namespace merlon::match {

bool Regex::State::build_from_store() const {
    const std::optional<SharedBytes> read = stored.read();
    if (!read) return false;
    if (stored_checksum && Program::stored_checksum(read->bytes) != *stored_checksum) return false;
    auto program = Program::unpack(read->bytes);
    if (!program.ok()) return false;
    const ProgramView& its = program.value().view();
    const MatchKind its_kind =
        its.has(kLongest) ? MatchKind::kLeftmostLongest : MatchKind::kLeftmostFirst;
    if (its.pattern() != pattern || its.syntax() != options.syntax || its_kind != options.kind) {
        return false;
    }
    engines.program = std::move(program).value();
    const ProgramView& view = engines.program.view();
    use_prefixes(
        {view.prefixes(), view.has(kPrefixesFold) ? LiteralFold::kAscii : LiteralFold::kExact,
         view.has(kPrefixesAreWhole)},
        view.required_byte());
    return true;
}

std::vector<std::uint32_t> Regex::store(Program::Codes codes) const {
    std::optional<Program> compiled;
    if (!state_->get().has_reverse) {
        std::string too_large;  // no: its limit is one that no such expression reaches
        compiled = state_->compiled(Program::Codes::kBoth, too_large);
    }
    const Program& program = compiled ? *compiled : state_->engines.program;
    const Prefixes prefixes = required_prefixes(state_->tree().root);
    Program::StoredFacts facts{prefixes.strings, 0, state_->options.syntax,
                               required_byte(state_->tree().root)};
    if (prefixes.fold == LiteralFold::kAscii) facts.prefix_flags |= kPrefixesFold;
    if (prefixes.are_whole) facts.prefix_flags |= kPrefixesAreWhole;
    const Program stored = program.for_storing(std::move(facts), codes);
    const std::span<const std::byte> bytes = stored.view().bytes();
    std::vector<std::uint32_t> words(bytes.size() / sizeof(std::uint32_t));
    std::memcpy(words.data(), bytes.data(), bytes.size());
    return words;
}

Regex Regex::restore(std::string_view pattern, StoredBlock block, const CompileOptions& options) {
    auto state = std::make_shared<State>();
    state->pattern = pattern;
    state->options = options;
    state->is_restored = true;
    state->stored = std::move(block);
    return Regex(std::shared_ptr<const State>(std::move(state)));
}

Regex Regex::restore_part(StoredBlock block, BlockChecksum checksum,
                          const CompileOptions& options) {
    auto state = std::make_shared<State>();
    state->options = options;
    state->is_restored = true;
    state->stored = std::move(block);
    state->stored_checksum = checksum;
    return Regex(std::shared_ptr<const State>(std::move(state)));
}

bool Regex::is_sound() const {
    state_->get();
    return !state_->is_damaged;
}

}  // namespace merlon::match
