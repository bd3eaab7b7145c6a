#include "text/office.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "text/utf8.h"

namespace merlon::text {
namespace {

constexpr std::array<std::string_view, 13> kExtensions = {
    ".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".xltx", ".pptx",
    ".pptm", ".potx", ".odt",  ".ods",  ".odp",  ".odg"};
constexpr std::size_t kMaxEntity = 12;  // "&#x10FFFF;" and the five names

std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

// One tag or one stretch of text.
struct Token {
    enum class Kind : std::uint8_t { kOpen, kClose, kEmpty, kText };
    Kind kind = Kind::kText;
    std::string_view name;  // of the element, without its prefix
    std::string_view attributes;
    std::string text;
};

void append_entity(std::string_view entity, std::string& out) {
    constexpr std::pair<std::string_view, char> kNamed[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (const auto& [name, c] : kNamed) {
        if (entity == name) {
            out += c;
            return;
        }
    }
    const bool is_hex = entity.starts_with("#x") || entity.starts_with("#X");
    const std::string_view digits =
        entity.substr(std::min<std::size_t>(is_hex ? 2 : 1, entity.size()));
    std::uint32_t point = 0;
    const auto [end, code] =
        std::from_chars(digits.data(), digits.data() + digits.size(), point, is_hex ? 16 : 10);
    if (entity.starts_with('#') && code == std::errc{} && end == digits.data() + digits.size()) {
        append_utf8(out, point);
    } else {
        out += '&';
        out += entity;
        out += ';';
    }
}

std::string unescaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t mark = std::min(text.find('&'), text.size());
        out += text.substr(0, mark);
        text.remove_prefix(mark);
        if (text.empty()) break;
        const std::size_t end = text.substr(0, kMaxEntity).find(';');
        if (end == std::string_view::npos) {
            out += '&';
            text.remove_prefix(1);
            continue;
        }
        append_entity(text.substr(1, end - 1), out);
        text.remove_prefix(end + 1);
    }
    return out;
}

// XML 1.0, as much of it as these formats use, forgiving what is broken.
class Tokens {
  public:
    Tokens(std::string_view xml, const CancelToken& cancel) : rest_(xml), cancel_(cancel) {}

    bool next(Token& token) {
        while (!rest_.empty() && !cancel_.cancelled()) {
            if (rest_.front() != '<') {
                const std::size_t end = std::min(rest_.find('<'), rest_.size());
                token = {Token::Kind::kText, {}, {}, unescaped(rest_.substr(0, end))};
                rest_.remove_prefix(end);
                return true;
            }
            if (rest_.starts_with("<![CDATA[")) {
                const std::size_t end = std::min(rest_.find("]]>"), rest_.size());
                token = {Token::Kind::kText, {}, {}, std::string(rest_.substr(9, end - 9))};
                rest_.remove_prefix(std::min(end + 3, rest_.size()));
                return true;
            }
            if (rest_.starts_with("<!--")) {
                skip_past("-->");
            } else if (rest_.starts_with("<!") || rest_.starts_with("<?")) {
                skip_past(">");
            } else {
                token = tag();
                return true;
            }
        }
        return false;
    }

  private:
    void skip_past(std::string_view end) {
        const std::size_t at = rest_.find(end);
        rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + end.size());
    }

    Token tag() {
        std::size_t end = 1;
        for (char quote = 0; end < rest_.size() && (quote != 0 || rest_[end] != '>'); ++end) {
            if (quote != 0) {
                if (rest_[end] == quote) quote = 0;
            } else if (rest_[end] == '"' || rest_[end] == '\'') {
                quote = rest_[end];
            }
        }
        std::string_view inside = rest_.substr(1, end - 1);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        Token token;
        token.kind = Token::Kind::kOpen;
        if (inside.starts_with('/')) {
            token.kind = Token::Kind::kClose;
            inside.remove_prefix(1);
        } else if (inside.ends_with('/')) {
            token.kind = Token::Kind::kEmpty;
            inside.remove_suffix(1);
        }
        const std::size_t name_end = std::min(inside.find_first_of(" \t\r\n"), inside.size());
        token.name = inside.substr(0, name_end);
        token.attributes = inside.substr(name_end);
        if (const std::size_t colon = token.name.find(':'); colon != std::string_view::npos) {
            token.name.remove_prefix(colon + 1);
        }
        return token;
    }

    std::string_view rest_;
    const CancelToken& cancel_;
};

std::string attribute(const Token& token, std::string_view name) {
    const std::string_view all = token.attributes;
    for (std::size_t at = all.find(name); at != std::string_view::npos;
         at = all.find(name, at + 1)) {
        const bool begins =
            at > 0 && std::string_view(" \t\r\n").find(all[at - 1]) != std::string_view::npos;
        const std::size_t mark = at + name.size();
        if (!begins || mark + 1 >= all.size() || all[mark] != '=') continue;
        const std::size_t end = all.find(all[mark + 1], mark + 2);
        if (end == std::string_view::npos) return {};
        return unescaped(all.substr(mark + 2, end - mark - 2));
    }
    return {};
}

bool is_sheet(std::string_view member) {
    return member.starts_with("xl/worksheets/") && member.ends_with(".xml");
}
bool is_shared_strings(std::string_view member) { return member == "xl/sharedStrings.xml"; }

void add_line(ReadableText& content, std::string_view text, std::string name) {
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        content.lines.push_back({name, kNoSourceOffset, false});
        content.text += text.substr(begin, end - begin);
        content.text += '\n';
        begin = end + 1;
    }
}

// Paragraphs of documents, slides and notes.
ReadableText read_paragraphs(std::string_view xml, const CancelToken& cancel) {
    ReadableText content;
    std::string paragraph;
    std::size_t number = 0;
    const auto end_paragraph = [&] {
        ++number;
        if (!paragraph.empty()) add_line(content, paragraph, "paragraph " + std::to_string(number));
        paragraph.clear();
    };
    Tokens tokens(xml, cancel);
    for (Token token; tokens.next(token);) {
        if (token.kind == Token::Kind::kText) {
            // Line breaks between tags are the writer's, not the text's.
            const bool is_layout = token.text.find_first_not_of(" \t\r\n") == std::string::npos &&
                                   token.text.find('\n') != std::string::npos;
            if (!is_layout) paragraph += token.text;
        } else if (token.kind == Token::Kind::kClose && (token.name == "p" || token.name == "h")) {
            end_paragraph();
        } else if (token.name == "tab" || token.name == "s") {
            if (token.kind == Token::Kind::kEmpty) paragraph += token.name == "tab" ? '\t' : ' ';
        } else if (token.kind == Token::Kind::kEmpty &&
                   (token.name == "br" || token.name == "cr" || token.name == "line-break")) {
            paragraph += '\n';
        }
    }
    if (!paragraph.empty()) end_paragraph();
    return content;
}

// The strings of a workbook: each <si>, its runs joined; what is said in Chinese characters and
// read otherwise (<rPh>) is text too.
std::vector<std::string> read_strings(std::string_view xml, const CancelToken& cancel) {
    std::vector<std::string> strings;
    std::string text;
    bool is_text = false;
    Tokens tokens(xml, cancel);
    for (Token token; tokens.next(token);) {
        if (token.kind == Token::Kind::kText) {
            if (is_text) text += token.text;
        } else if (token.name == "t") {
            is_text = token.kind == Token::Kind::kOpen;
        } else if (token.name == "si" && token.kind != Token::Kind::kOpen) {
            strings.push_back(std::exchange(text, {}));
        }
    }
    if (!text.empty()) strings.push_back(std::move(text));
    return strings;
}

}  // namespace

bool is_office_file(std::string_view path) {
    const std::string low =
        lowered(path.substr(path.size() - std::min<std::size_t>(path.size(), 8)));
    return std::any_of(kExtensions.begin(), kExtensions.end(),
                       [&low](std::string_view extension) { return low.ends_with(extension); });
}

bool OfficeReader::is_text_part(std::string_view member) {
    if (!member.ends_with(".xml")) return false;
    if (member == "content.xml" || is_shared_strings(member) || is_sheet(member)) return true;
    if (member.starts_with("xl/comments")) return true;
    const auto is_in = [member](std::string_view folder) {
        return member.starts_with(folder) &&
               member.substr(folder.size()).find('/') == std::string_view::npos;
    };
    if (is_in("word/")) {
        const std::string_view name = member.substr(5);
        return name.starts_with("document") || name.starts_with("header") ||
               name.starts_with("footer") || name.starts_with("footnotes") ||
               name.starts_with("endnotes") || name.starts_with("comments");
    }
    return is_in("ppt/slides/") || is_in("ppt/notesSlides/") || is_in("ppt/comments/");
}

void OfficeReader::take(const std::string& member, std::string_view xml) {
    if (is_shared_strings(member)) {
        shared_strings_ = read_strings(xml, cancel_);
        shared_member_ = member;
        return;
    }
    if (!is_sheet(member)) {
        if (ReadableText content = read_paragraphs(xml, cancel_); !content.text.empty()) {
            parts_.push_back({member, std::move(content)});
        }
        return;
    }
    take_sheet(member, xml);
}

void OfficeReader::take_sheet(const std::string& member, std::string_view xml) {
    // ECMA-376 part 1, 18.3.1.4: a cell (c) has a place (r), a type (t) and a value (v), a formula
    // (f) or a text of its own (is).
    ReadableText content;
    std::string cell;
    std::string type;
    std::string text;
    bool in_cell = false;
    Tokens tokens(xml, cancel_);
    for (Token token; tokens.next(token);) {
        if (token.kind == Token::Kind::kText) {
            if (in_cell) text += token.text;
        } else if (token.name == "c" && token.kind == Token::Kind::kOpen) {
            cell = "cell " + attribute(token, "r");
            type = attribute(token, "t");
            text.clear();
            in_cell = true;
        } else if (token.name == "f" && token.kind == Token::Kind::kClose) {
            text += ' ';
        } else if (token.name == "c" && in_cell) {
            in_cell = false;
            std::size_t index = 0;
            const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), index);
            if (type == "s" && code == std::errc{} && end == text.data() + text.size()) {
                first_cell_.try_emplace(index, Cell{member, cell});
            } else if (!text.empty()) {
                add_line(content, text, cell);
            }
        }
    }
    if (!content.text.empty()) parts_.push_back({member, std::move(content)});
}

std::vector<OfficePart> OfficeReader::finish() {
    std::map<std::string, ReadableText> by_member;
    for (std::size_t i = 0; i < shared_strings_.size() && !cancel_.cancelled(); ++i) {
        if (shared_strings_[i].empty()) continue;
        const auto cell = first_cell_.find(i);
        const bool is_shown = cell != first_cell_.end();
        add_line(by_member[is_shown ? cell->second.member : shared_member_], shared_strings_[i],
                 is_shown ? cell->second.name : "string " + std::to_string(i + 1));
    }
    for (auto& [member, content] : by_member) {
        const auto known = std::find_if(parts_.begin(), parts_.end(), [&](const OfficePart& part) {
            return part.member == member;
        });
        if (known == parts_.end()) {
            parts_.push_back({member, std::move(content)});
            continue;
        }
        known->content.text += content.text;
        std::move(content.lines.begin(), content.lines.end(),
                  std::back_inserter(known->content.lines));
    }
    return std::move(parts_);
}

}  // namespace merlon::text
