#include <algorithm>
#include <array>

#include "rego/go_address.h"
#include "rego/go_schema.h"
#include "rego/go_time.h"
#include "rego/go_url.h"

// The formats that OPA's JSON Schema knows, judged as Go's standard library judges them.

namespace merlon::rego {
namespace {

using Check = bool (*)(std::string_view text, Context& context);

bool matches(Context& context, std::string_view pattern, std::string_view text) {
    const match::Regex* const regex = context.regex(pattern);
    return regex != nullptr && regex->is_match(text);
}

bool is_time_in(std::initializer_list<std::string_view> layouts, std::string_view text) {
    return std::ranges::any_of(
        layouts, [text](std::string_view layout) { return parse_time(layout, text).ok(); });
}

constexpr std::string_view kClock = "15:04:05";
constexpr std::string_view kZonedClock = "15:04:05Z07:00";
constexpr std::string_view kDate = "2006-01-02";
constexpr std::string_view kDateTime = "2006-01-02T15:04:05Z07:00";

bool is_url(std::string_view text, bool wants_scheme) {  // NOLINT: private to this file
    const auto url = parse_url(text);
    return url.ok() && !(wants_scheme && url.value().scheme.empty()) &&
           text.find('\\') == std::string_view::npos;
}

// RFC 5322, section 3.4, as far as Go's net/mail reads one address: an optional name, and an
// addr-spec, alone or in angle brackets.
class AddressReader {
  public:
    explicit AddressReader(std::string_view text) : text_(text) {}

    bool read() {
        skip_space();
        const std::size_t begin = at_;
        if (read_mailbox()) {
            skip_space();
            if (at_ == text_.size()) return true;
        }
        at_ = begin;
        while (at_ < text_.size() && text_[at_] != '<') {
            if (!read_word()) return false;
            skip_space();
        }
        if (!take('<') || !read_mailbox() || !take('>')) return false;
        skip_space();
        return at_ == text_.size();
    }

  private:
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void skip_space() {
        while (at_ < text_.size()) {
            if (text_[at_] == ' ' || text_[at_] == '\t') {
                ++at_;
            } else if (text_[at_] != '(' || !skip_comment()) {
                return;
            }
        }
    }
    bool skip_comment() {
        int depth = 0;
        for (std::size_t i = at_; i < text_.size(); ++i) {
            if (text_[i] == '\\') {
                ++i;
            } else if (text_[i] == '(') {
                ++depth;
            } else if (text_[i] == ')' && --depth == 0) {
                at_ = i + 1;
                return true;
            }
        }
        return false;
    }
    static bool is_atom(char c, std::string_view also) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || also.find(c) != std::string_view::npos) return true;
        return byte > ' ' && byte != 0x7F &&
               std::string_view("()<>[]:;@\\,.\"").find(c) == also.npos;
    }
    bool read_atom(std::string_view also) {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_atom(text_[at_], also)) ++at_;
        const std::string_view atom = text_.substr(begin, at_ - begin);
        return !atom.empty() && !atom.starts_with('.') && !atom.ends_with('.') &&
               atom.find("..") == std::string_view::npos;
    }
    bool read_quoted() {
        if (!take('"')) return false;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\') ++at_;
            if (at_ >= text_.size() || static_cast<unsigned char>(text_[at_]) < ' ') return false;
            ++at_;
        }
        return take('"');
    }
    bool read_word() {
        if (text_[at_] == '"') return read_quoted();
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_atom(text_[at_], ".")) ++at_;
        return at_ > begin;
    }
    bool read_mailbox() {
        if (at_ >= text_.size()) return false;
        if (text_[at_] == '"' ? !read_quoted() : !read_atom(".")) return false;
        if (!take('@')) return false;
        if (take('[')) {
            while (at_ < text_.size() && text_[at_] != ']') ++at_;
            return take(']');
        }
        return read_atom(".");
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

bool is_address(std::string_view text, Context& context) {
    static_cast<void>(context);
    return AddressReader(text).read();
}

constexpr std::string_view kHostname =
    "^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])"
    "(\\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9]))*$";
constexpr std::string_view kUuid =
    "^(?i)[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$";

struct Format {
    std::string_view name;
    Check check;
};

constexpr auto kFormats = std::to_array<Format>({
    {"date", [](std::string_view text, Context&) { return is_time_in({kDate}, text); }},
    {"time",
     [](std::string_view text, Context&) { return is_time_in({kZonedClock, kClock}, text); }},
    {"date-time",
     [](std::string_view text, Context&) {
         return is_time_in({kClock, kZonedClock, kDate, kDateTime}, text);
     }},
    {"hostname",
     [](std::string_view text, Context& context) {
         return text.size() < 256 && matches(context, kHostname, text);
     }},
    {"email", is_address},
    {"idn-email", is_address},
    {"ipv4",
     [](std::string_view text, Context&) {
         return is_ip_address(text) && text.find('.') != std::string_view::npos;
     }},
    {"ipv6",
     [](std::string_view text, Context&) {
         return is_ip_address(text) && text.find(':') != std::string_view::npos;
     }},
    {"uri", [](std::string_view text, Context&) { return is_url(text, true); }},
    {"iri", [](std::string_view text, Context&) { return is_url(text, true); }},
    {"uri-reference", [](std::string_view text, Context&) { return is_url(text, false); }},
    {"iri-reference", [](std::string_view text, Context&) { return is_url(text, false); }},
    {"uri-template",
     [](std::string_view text, Context& context) {
         const auto url = parse_url(text);
         return url.ok() && text.find('\\') == std::string_view::npos &&
                matches(context, "^([^{]*({[^}]*})?)*$", url.value().path);
     }},
    {"uuid", [](std::string_view text, Context& context) { return matches(context, kUuid, text); }},
    {"regex", [](std::string_view text, Context&) { return match::Regex::compile(text).ok(); }},
    {"json-pointer",
     [](std::string_view text, Context& context) {
         return matches(context, "^(?:/(?:[^~/]|~0|~1)*)*$", text);
     }},
    {"relative-json-pointer",
     [](std::string_view text, Context& context) {
         return matches(context, "^(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~0|~1)*)*)$", text);
     }},
});

}  // namespace

bool has_format(std::string_view format, std::string_view text, Context& context) {
    const auto known = std::ranges::find(kFormats, format, &Format::name);
    return known == kFormats.end() || known->check(text, context);
}

}  // namespace merlon::rego
