#include <fmt/core.h>

#include "match/syntax.h"
#include "text/utf8.h"

namespace merlon::match {
namespace {

bool is_plain(char32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == ' ' || c > 0x7F;
}

void append_code_point(std::string& out, char32_t c) {
    if (is_plain(c) && !(c >= 0xD800 && c <= 0xDFFF)) {
        text::append_utf8(out, c);
    } else {
        out += fmt::format("\\x{{{:X}}}", static_cast<std::uint32_t>(c));
    }
}

class Renderer {
  public:
    explicit Renderer(Captures captures) : captures_(captures) {}

    void write(const Node& node) {
        switch (node.op) {
            case Op::kEmpty:
                out += "(?:)";
                break;
            case Op::kLiteral:
                if (node.fold_case) out += "(?i:";
                for (const char32_t c : node.text) append_code_point(out, c);
                if (node.fold_case) out += ')';
                break;
            case Op::kClass:
                write_class(node);
                break;
            case Op::kAnyNotNewline:
                out += "(?-s:.)";
                break;
            case Op::kAny:
                out += "(?s:.)";
                break;
            case Op::kBeginLine:
                out += "(?m:^)";
                break;
            case Op::kEndLine:
                out += "(?m:$)";
                break;
            case Op::kBeginText:
                out += "\\A";
                break;
            case Op::kEndText:
                out += "\\z";
                break;
            case Op::kWordBoundary:
                out += "\\b";
                break;
            case Op::kNoWordBoundary:
                out += "\\B";
                break;
            case Op::kCapture:
                out += captures_ == Captures::kKeep ? "(" : "(?:";
                write(node.subs.front());
                out += ')';
                break;
            case Op::kRepeat:
                write_repeat(node);
                break;
            case Op::kConcat:
                for (const Node& sub : node.subs) write_grouped(sub);
                break;
            case Op::kAlternate:
                for (std::size_t i = 0; i < node.subs.size(); ++i) {
                    if (i > 0) out += '|';
                    write(node.subs[i]);
                }
                break;
        }
    }

    std::string out;

  private:
    // Alternatives inside something bigger need their group back.
    void write_grouped(const Node& node) {
        if (node.op == Op::kAlternate) {
            out += "(?:";
            write(node);
            out += ')';
        } else {
            write(node);
        }
    }

    void write_repeat(const Node& node) {
        out += "(?:";
        write(node.subs.front());
        out += ')';
        if (node.max == kUnbounded && node.min <= 1) {
            out += node.min == 0 ? '*' : '+';
        } else if (node.min == 0 && node.max == 1) {
            out += '?';
        } else if (node.max == kUnbounded) {
            out += fmt::format("{{{},}}", node.min);
        } else {
            out += fmt::format("{{{},{}}}", node.min, node.max);
        }
        if (node.non_greedy) out += '?';
    }

    void write_class(const Node& node) {
        if (node.fold_case) out += "(?i:";
        out += node.negated ? "[^" : "[";
        for (const ClassItem& item : node.items) {
            if (!item.set.empty()) {
                out += item.set;
                continue;
            }
            append_code_point(out, item.low);
            if (item.high != item.low) {
                out += '-';
                append_code_point(out, item.high);
            }
        }
        out += ']';
        if (node.fold_case) out += ')';
    }

    Captures captures_;
};

}  // namespace

std::string render(const Node& node, Captures captures) {
    Renderer renderer(captures);
    renderer.write(node);
    return std::move(renderer.out);
}

}  // namespace merlon::match
