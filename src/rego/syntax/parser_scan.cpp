#include <algorithm>
#include <cstddef>

#include "base/stack.h"
#include "rego/syntax/parser_state.h"

namespace merlon::rego::syntax {

namespace {

// What a level takes at most in the parser and in whatever goes through the tree after it, also
// where a sanitizer watches.
constexpr std::size_t kStackBytesOfLevel = 2'800;
constexpr std::string_view kTooDeep = "max parsing recursion depth exceeded";
// OPA has 100,000, and takes minutes for what comes near; so would those who go through our tree.
constexpr std::size_t kMaxLevels = 20'000;

// Whoever looks at names goes through a body once for each one around it, and so does OPA, which
// takes half a minute for half as many.
constexpr std::uint32_t kMaxOpenBodies = 1'000;

std::uint32_t levels_of(const ParseOptions& options) {
    if (options.max_depth > 0) return options.max_depth;
    return static_cast<std::uint32_t>(std::min(stack_bytes() / kStackBytesOfLevel, kMaxLevels));
}

}  // namespace

Parser::Parser(std::string_view source, Arena& arena, Interner& interner,
               const ParseOptions& options)
    : arena_(arena),
      builder_(arena, interner),
      options_(options),
      source_(source),
      max_depth_(levels_of(options)),
      steps_left_((source.size() + 4096) * options.max_steps_per_byte) {
    state_.lexer = Lexer(source, arena, lexer_messages_);
    KeywordSet keywords = options.future_keywords;
    if (options.version == RegoVersion::kV1) keywords |= kKeywordsOfV0;
    if (options.version == RegoVersion::kV2) keywords |= kAllFutureKeywords;
    has_not_bodies_ = (keywords & kFutureNot) != 0;
    if ((keywords & kFutureEvery) != 0) keywords |= kFutureIn;
    state_.lexer.set_keywords(keywords | kFutureNot);
}

Parser::Level::Level(Parser& parser) : parser_(parser), ok_(++parser.depth_ <= parser.max_depth_) {
    if (!ok_) parser.fail(parser.here(), kTooDeep);
}

Parser::BodyLevel::BodyLevel(Parser& parser)
    : parser_(parser), ok_(++parser.open_bodies_ <= kMaxOpenBodies) {
    if (!ok_) parser.fail(parser.here(), kTooDeep);
}

bool Parser::at_any(std::initializer_list<Token> tokens) const {
    return std::ranges::find(tokens, state_.token) != tokens.end();
}

Location* Parser::here() { return arena_.make<Location>(state_.location); }

std::string_view Parser::text(std::uint32_t begin, std::uint32_t end) const {
    if (begin >= source_.size() || end < begin || end > source_.size()) return {};
    return source_.substr(begin, end - begin);
}

Location* Parser::extended(const Location& start) {
    auto* location = arena_.make<Location>(start);
    location->text = text_since(start.offset);
    return location;
}

void Parser::scan(Whitespace whitespace, TemplateMode mode) {
    // White space never ends a node, so it does not move the end of the token before.
    if (!at(Token::kWhitespace)) {
        state_.last_end = state_.token_end;
        state_.skipped_line_break = false;
    }
    while (true) {
        if (steps_left_ == 0) {
            is_exhausted_ = true;
            state_.token = Token::kEof;
            return;
        }
        --steps_left_;
        const ScannedToken scanned = state_.lexer.scan(mode);
        state_.token = scanned.token;
        state_.literal = scanned.literal;
        state_.token_end = scanned.end;
        state_.location = {scanned.row, scanned.column, scanned.begin,
                           text(scanned.begin, scanned.end)};
        if (!lexer_messages_.empty()) [[unlikely]] {
            for (const std::string_view message : lexer_messages_) fail(here(), message);
            lexer_messages_.clear();
            state_.token = Token::kIllegal;
        }
        if (at(Token::kWhitespace)) {
            if (state_.literal == "\n") state_.skipped_line_break = true;
            if (whitespace == Whitespace::kSkip) continue;
        }
        if (!at(Token::kComment)) return;
        std::string_view comment = state_.location.text.substr(1);
        while (comment.ends_with('\r')) comment.remove_suffix(1);
        state_.comments =
            arena_.make<CommentNode>(arena_.make<Comment>(comment, here()), state_.comments);
    }
}

Token Parser::peek(Whitespace whitespace) {
    const State before = save();
    scan(whitespace, TemplateMode::kNone);
    const Token token = state_.token;
    restore(before);
    return token;
}

void Parser::hint(std::string_view text) {
    state_.hints = arena_.make<HintNode>(arena_.copy(text), state_.hints);
}

void Parser::fail(const Location* location, std::string_view message) {
    // What follows is the echo of levels that were not read.
    if (state_.errors != nullptr && state_.errors->message == kTooDeep) return;
    std::string text(message);
    if (state_.hints != nullptr) {
        std::vector<std::string_view> hints;
        for (const HintNode* node = state_.hints; node != nullptr; node = node->before)
            hints.push_back(node->hint);
        std::ranges::reverse(hints);
        text +=
            fmt::format(" ({}: {})", hints.size() == 1 ? "hint" : "hints", fmt::join(hints, ", "));
        state_.hints = nullptr;
    }
    state_.errors =
        arena_.make<ErrorNode>(arena_.copy(std::string_view(text)), location, state_.errors);
}

void Parser::illegal(std::string_view note) {
    if (at(Token::kIllegal)) return fail(here(), "illegal token");
    fail(here(), "unexpected {} {}{}{}", name(state_.token),
         is_keyword(state_.token) ? "keyword" : "token", note.empty() ? "" : ": ", note);
}

bool Parser::is_allowed_in_reference(Token token) const {
    const std::string_view word = name(token);
    return is_keyword(word, options_.version) || is_keyword(word, state_.lexer.keywords());
}

bool Parser::is_word_of_future(std::string_view word) const {
    return needs_import(word, options_.version);
}

bool Parser::take_reference_ahead() {
    if (!is_allowed_in_reference(state_.token)) return false;
    const Token next = peek(Whitespace::kKeep);
    if (next != Token::kDot && next != Token::kLeftBracket) return false;
    state_.token = Token::kIdentifier;
    return true;
}

std::vector<Comment*> Parser::comments() const {
    std::vector<Comment*> comments;
    for (const CommentNode* node = state_.comments; node != nullptr; node = node->before)
        comments.push_back(node->comment);
    std::ranges::reverse(comments);
    return comments;
}

namespace {

bool is_line_break(char byte) { return byte == '\n' || byte == '\r'; }
// As Go's unicode.IsSpace has single bytes, those beyond ASCII taken for code points.
bool is_go_space(char byte) {
    const auto code = static_cast<unsigned char>(byte);
    return byte == ' ' || (byte >= '\t' && byte <= '\r') || code == 0x85 || code == 0xA0;
}

}  // namespace

// The line that holds `offset`, or the last character before it that is no space.
SyntaxError make_syntax_error(std::string_view source, std::string_view message,
                              const Location& location) {
    SyntaxError error{.message = std::string(message),
                      .row = location.row,
                      .column = location.column,
                      .has_detail = true};
    if (source.empty()) return error;
    std::size_t at = std::min<std::size_t>(location.offset, source.size() - 1);
    while (at > 0 && is_go_space(source[at])) --at;
    std::size_t begin = at;
    while (begin > 0 && !is_line_break(source[begin])) --begin;
    if (is_line_break(source[begin])) ++begin;
    std::size_t end = at;
    while (end < source.size() && !is_line_break(source[end])) ++end;
    begin = std::min(begin, end);
    error.line = source.substr(begin, end - begin);
    error.line_index = static_cast<std::int64_t>(at) - static_cast<std::int64_t>(begin);
    return error;
}

std::vector<SyntaxError> Parser::errors() const {
    std::vector<SyntaxError> errors;
    for (const ErrorNode* node = state_.errors; node != nullptr; node = node->before)
        errors.push_back(make_syntax_error(source_, node->message, *node->location));
    std::ranges::reverse(errors);
    if (is_exhausted_) {
        errors.push_back(make_syntax_error(
            source_, "the module takes more steps than its size allows; write it simpler",
            state_.location));
    }
    return errors;
}

namespace {

struct Excerpt {
    std::string text;
    std::size_t indent = 0;  // of what stands below the place
};

// The line without its first tabs; of one that nobody reads only what stands around the place.
Excerpt excerpt_of(std::string_view line, std::int64_t place) {
    constexpr std::size_t kLongestLine = 1'000;
    constexpr std::size_t kAround = 60;
    const std::size_t tabs = std::min(line.find_first_not_of('\t'), line.size());
    const std::string_view text = line.substr(tabs);
    const auto indent = static_cast<std::size_t>(
        std::max<std::int64_t>(place - static_cast<std::int64_t>(tabs), 0));
    if (text.size() <= kLongestLine) return {std::string(text), indent};
    const std::size_t middle = std::min(indent, text.size());
    const auto at_character = [text](std::size_t at) {
        while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
            --at;
        return at;
    };
    const std::size_t begin = at_character(middle - std::min(middle, kAround));
    const std::size_t end = at_character(std::min(middle + kAround, text.size()));
    constexpr std::string_view kLeftOut = "...";
    std::string shown(begin > 0 ? kLeftOut : "");
    const std::size_t moved = middle - begin + shown.size();
    shown += text.substr(begin, end - begin);
    if (end < text.size()) shown += kLeftOut;
    return {std::move(shown), moved};
}

}  // namespace

std::string SyntaxError::to_string(std::string_view file) const {
    std::string out;
    if (!file.empty()) {
        out = fmt::format("{}:{}: ", file, row);
    } else if (row > 0) {
        out = fmt::format("{}:{}: ", row, column);
    }
    out += fmt::format("{}: {}", code, message);
    if (has_detail) {
        const Excerpt shown = excerpt_of(line, line_index);
        out += fmt::format("\n\t{}\n\t{}^", shown.text, std::string(shown.indent, ' '));
    }
    for (const std::string& text : more) out += "\n\t" + text;
    return out;
}

}  // namespace merlon::rego::syntax
