#include "text/hcl_template.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "text/utf8.h"

namespace merlon::text {
namespace {

using PartKind = HclTemplatePart::Kind;

// Unicode's White_Space, as Go's unicode.IsSpace knows it.
bool is_white_space(char32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

// The bytes of white space at the start, at most `most` characters of it; how many there were.
struct LeadingSpace {
    std::size_t bytes = 0;
    std::size_t characters = 0;
};
LeadingSpace leading_space(std::string_view text, std::size_t most = SIZE_MAX) {
    LeadingSpace found;
    while (found.bytes < text.size() && found.characters < most) {
        const CodePoint next = decode_utf8(text.substr(found.bytes));
        if (!is_white_space(next.value)) break;
        found.bytes += next.width;
        ++found.characters;
    }
    return found;
}

// The escape at the start of `text`, which begins with a backslash; how long it is.
Result<std::size_t> append_escape(std::string_view text, std::size_t offset, std::string& out) {
    const Error wrong{"this is no escape sequence; there are \\n \\r \\t \\\" \\\\ \\u \\U",
                      offset};
    if (text.size() < 2) return wrong;
    switch (text[1]) {
        case 'n':
            out += '\n';
            return 2;
        case 'r':
            out += '\r';
            return 2;
        case 't':
            out += '\t';
            return 2;
        case '"':
            out += '"';
            return 2;
        case '\\':
            out += '\\';
            return 2;
        case 'u':
        case 'U':
            break;
        default:
            return wrong;
    }
    const std::size_t digits = text[1] == 'u' ? 4 : 8;
    if (text.size() < 2 + digits) return wrong;
    std::uint32_t value = 0;
    const char* const end = text.data() + 2 + digits;
    const auto [at, failed] = std::from_chars(text.data() + 2, end, value, 16);
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (failed != std::errc{} || at != end || value > 0x10FFFF || is_surrogate) return wrong;
    append_utf8(out, value);
    return 2 + digits;
}

// spec.md, "Flush Heredocs": what is text and begins a line loses as many white spaces as the
// least indented line has; lines of nothing else do not count.
void flush(std::vector<HclTemplatePart>& parts) {
    std::size_t least = SIZE_MAX;
    std::vector<std::string*> beginnings;
    bool is_line_start = true;
    for (HclTemplatePart& part : parts) {
        const bool is_text = part.kind == PartKind::kText;
        if (is_line_start) {
            is_line_start = false;
            const LeadingSpace space = is_text ? leading_space(part.text) : LeadingSpace{};
            const bool is_blank =
                is_text && space.bytes == part.text.size() && part.text.ends_with('\n');
            if (!is_blank) {
                if (is_text) beginnings.push_back(&part.text);
                least = std::min(least, space.characters);
            }
        }
        if (is_text && part.text.ends_with('\n')) is_line_start = true;
    }
    for (std::string* const text : beginnings) text->erase(0, leading_space(*text, least).bytes);
}

void join_texts(std::vector<HclTemplatePart>& parts) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const bool follows = kept > 0 && parts[kept - 1].kind == PartKind::kText;
        if (follows && parts[i].kind == PartKind::kText) {
            parts[kept - 1].text += parts[i].text;
            parts[kept - 1].span.end = parts[i].span.end;
            continue;
        }
        if (kept != i) parts[kept] = std::move(parts[i]);
        ++kept;
    }
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(kept), parts.end());
}

// From the flat list to a tree. What directives hold is bounded by `kMaxDepth`.
class TreeMaker {
  public:
    TreeMaker(std::span<const HclTemplatePart> parts, HclSpan span, Arena& arena)
        : parts_(parts), span_(span), arena_(arena) {}

    Result<const HclExpression*> all() {
        auto pieces = MERLON_TRY(pieces_until({}));
        if (at_ < parts_.size()) return Error{"no directive is open here", parts_[at_].span.begin};
        return joined(pieces, span_);
    }

  private:
    static constexpr int kMaxDepth = 100;
    using Pieces = std::vector<const HclExpression*>;

    const HclExpression* text(std::string_view content, HclSpan span) {
        return arena_.make<HclExpression>(
            HclExpression{.kind = HclKind::kString, .span = span, .text = arena_.copy(content)});
    }
    const HclExpression* joined(Pieces& pieces, HclSpan span) {
        if (pieces.empty()) pieces.push_back(text("", {span.end, span.end}));
        return node(HclKind::kTemplate, span, pieces);
    }
    const HclExpression* node(HclKind kind, HclSpan span, const Pieces& operands) {
        return arena_.make<HclExpression>(HclExpression{
            .kind = kind,
            .span = span,
            .operands = kept_in(arena_, std::span<const HclExpression* const>(operands))});
    }

    // Up to one of the kinds, or to what closes nothing, or to the end.
    Result<Pieces> pieces_until(std::initializer_list<PartKind> ends) {
        Pieces pieces;
        while (at_ < parts_.size()) {
            const HclTemplatePart& part = parts_[at_];
            if (std::ranges::find(ends, part.kind) != ends.end()) return pieces;
            switch (part.kind) {
                case PartKind::kText:
                    pieces.push_back(text(part.text, part.span));
                    break;
                case PartKind::kExpression:
                    pieces.push_back(part.expression);
                    break;
                case PartKind::kIf:
                    pieces.push_back(MERLON_TRY(conditional()));
                    continue;
                case PartKind::kFor:
                    pieces.push_back(MERLON_TRY(loop()));
                    continue;
                default:
                    return pieces;
            }
            ++at_;
        }
        return pieces;
    }

    Status close(PartKind kind, const HclTemplatePart& open) {
        if (at_ < parts_.size() && parts_[at_].kind == kind) {
            ++at_;
            return {};
        }
        return Error{"the directive that begins here is not ended as it should", open.span.begin};
    }

    Result<const HclExpression*> conditional() {
        const HclTemplatePart& open = parts_[at_++];
        if (++depth_ > kMaxDepth) return Error{"directives nest too deeply", open.span.begin};
        Pieces yes = MERLON_TRY(pieces_until({PartKind::kElse, PartKind::kEndIf}));
        Pieces no;
        if (at_ < parts_.size() && parts_[at_].kind == PartKind::kElse) {
            ++at_;
            no = MERLON_TRY(pieces_until({PartKind::kEndIf}));
        }
        MERLON_TRY(close(PartKind::kEndIf, open));
        --depth_;
        const HclSpan span{open.span.begin, parts_[at_ - 1].span.end};
        return node(HclKind::kConditional, span,
                    {open.expression, joined(yes, span), joined(no, span)});
    }

    Result<const HclExpression*> loop() {
        const HclTemplatePart& open = parts_[at_++];
        if (++depth_ > kMaxDepth) return Error{"directives nest too deeply", open.span.begin};
        Pieces content = MERLON_TRY(pieces_until({PartKind::kEndFor}));
        MERLON_TRY(close(PartKind::kEndFor, open));
        --depth_;
        const HclSpan span{open.span.begin, parts_[at_ - 1].span.end};
        HclExpression made =
            *node(HclKind::kFor, span, {open.expression, nullptr, joined(content, span), nullptr});
        made.text = open.value_name;
        made.key_name = open.key_name;
        return node(HclKind::kJoin, span, {arena_.make<HclExpression>(made)});
    }

    std::span<const HclTemplatePart> parts_;
    HclSpan span_;
    Arena& arena_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace

void trim_start(std::string& text) { text.erase(0, leading_space(text).bytes); }

void trim_end(std::string& text) {
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint next = decode_utf8(std::string_view(text).substr(at));
        at += next.width;
        if (!is_white_space(next.value)) end = at;
    }
    text.resize(end);
}

Status append_hcl_text(const HclLexeme& token, std::string& out) {
    const bool is_quoted = token.kind == HclToken::kQuotedText;
    const std::string_view text = token.text;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (is_quoted && rest[0] == '\\') {
            at += MERLON_TRY(append_escape(rest, token.begin + at, out));
        } else if (rest.starts_with("$${") || rest.starts_with("%%{")) {
            out += rest[0];
            out += '{';
            at += 3;
        } else {
            out += rest[0];
            ++at;
        }
    }
    return {};
}

Result<const HclExpression*> join_hcl_template(std::vector<HclTemplatePart> parts, HclSpan span,
                                               HclIndent indent, Arena& arena) {
    if (indent == HclIndent::kFlush) flush(parts);
    join_texts(parts);
    if (parts.size() == 1 && parts[0].kind == PartKind::kExpression) {
        const HclExpression* const operands[] = {parts[0].expression};
        return arena.make<HclExpression>(HclExpression{
            .kind = HclKind::kWrap,
            .span = span,
            .operands = kept_in(arena, std::span<const HclExpression* const>(operands))});
    }
    return TreeMaker(parts, span, arena).all();
}

}  // namespace merlon::text
