#include "net/response_parser.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace merlon::net {
namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

template <typename T>
std::optional<T> parse_number(std::string_view digits, int base) {
    T number{};
    const auto [end, code] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    if (digits.empty() || digits[0] == '-' || code != std::errc() ||
        end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return number;
}

constexpr int kFirstFinalStatus = 200;
constexpr int kNoContent = 204;
constexpr int kNotModified = 304;

}  // namespace

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return c == '\t' || (byte >= 0x20 && byte != 0x7F);
    });
}

std::string_view ResponseHead::field(std::string_view name) const {
    const auto found = std::ranges::find(fields, name, &HeaderField::name);
    return found == fields.end() ? std::string_view() : std::string_view(found->value);
}

Result<std::size_t> ResponseParser::take(std::string_view bytes, const BodySink& body) {
    const std::size_t all = bytes.size();
    while (!bytes.empty() && !is_complete()) {
        if (state_ == State::kLength || state_ == State::kChunk || state_ == State::kUntilClose) {
            const std::size_t count =
                state_ == State::kUntilClose
                    ? bytes.size()
                    : static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
            if (Status taken = body(bytes.substr(0, count)); !taken.ok()) return taken.error();
            bytes.remove_prefix(count);
            left_ -= state_ == State::kUntilClose ? 0 : count;
            if (left_ == 0 && state_ == State::kLength) state_ = State::kComplete;
            if (left_ == 0 && state_ == State::kChunk) state_ = State::kChunkEnd;
            continue;
        }
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        // Lines of chunk sizes are short, and there is no end to how many there may be.
        const bool is_head = state_ != State::kChunkSize && state_ != State::kChunkEnd;
        if (is_head) head_bytes_ += end + 1;
        if ((is_head ? head_bytes_ : line_.size() + end) > max_head_bytes_) {
            return Error{"HTTP: the head of the answer is longer than " +
                         std::to_string(max_head_bytes_) + " bytes"};
        }
        line_.append(bytes.substr(0, end));
        if (end == bytes.size()) return all;
        bytes.remove_prefix(end + 1);
        if (line_.ends_with('\r')) line_.pop_back();
        const bool had_head = has_head();
        if (Status taken = take_line(); !taken.ok()) return taken.error();
        line_.clear();
        if (!had_head && has_head()) break;
    }
    return all - bytes.size();
}

Status ResponseParser::take_line() {
    // RFC 9112, section 2.2: a carriage return alone ends no line, and is nothing else either.
    if (line_.find('\r') != std::string::npos || line_.find('\0') != std::string::npos) {
        return Error{"HTTP: a control character in the head of the answer"};
    }
    switch (state_) {
        case State::kStatusLine:
            return take_status_line(line_);
        case State::kFields:
            return line_.empty() ? end_head() : take_field(line_);
        case State::kChunkSize:
            return take_chunk_size(line_);
        case State::kChunkEnd:
            if (!line_.empty()) return Error{"HTTP: a chunk is longer than it says"};
            state_ = State::kChunkSize;
            return {};
        case State::kTrailers:  // section 7.1.2: what they say is not used
            if (line_.empty()) state_ = State::kComplete;
            return {};
        default:
            return {};
    }
}

// Section 4: "HTTP/1.1 200 OK".
Status ResponseParser::take_status_line(std::string_view line) {
    const bool is_version = line.starts_with("HTTP/1.") && line.size() >= 12 && line[8] == ' ' &&
                            line[7] >= '0' && line[7] <= '9';
    const auto status =
        is_version ? parse_number<int>(line.substr(9, 3), 10) : std::optional<int>();
    if (!status.has_value() || *status < 100 || (line.size() > 12 && line[12] != ' ')) {
        return Error{"HTTP: what answers speaks no HTTP/1.1"};
    }
    head_.status = *status;
    head_.reason = trimmed(line.substr(12));
    state_ = State::kFields;
    return {};
}

Status ResponseParser::take_field(std::string_view line) {
    // Section 5.2: a folded line continues the value before it.
    if (line[0] == ' ' || line[0] == '\t') {
        if (head_.fields.empty()) return Error{"HTTP: the first field begins with a space"};
        head_.fields.back().value += " " + std::string(trimmed(line));
        return {};
    }
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_token(name)) {
        return Error{"HTTP: a line of the head is no field"};
    }
    head_.fields.push_back({lower_case(name), std::string(trimmed(line.substr(colon + 1)))});
    return {};
}

Status ResponseParser::end_head() {
    // RFC 9110, section 15.2: interim answers come before the one that was asked for.
    if (head_.status < kFirstFinalStatus) {
        if (head_.status == 101) return Error{"HTTP: another protocol, which nobody asked for"};
        head_ = {};
        state_ = State::kStatusLine;
        return {};
    }
    return choose_framing();
}

// Section 6.3, in its order.
Status ResponseParser::choose_framing() {
    const bool is_tunnel = form_ == RequestForm::kConnect && head_.status / 100 == 2;
    if (form_ == RequestForm::kHead || is_tunnel || head_.status == kNoContent ||
        head_.status == kNotModified) {
        state_ = State::kComplete;
        return {};
    }
    std::string codings;
    for (const HeaderField& field : head_.fields) {
        if (field.name != "transfer-encoding") continue;
        codings += (codings.empty() ? "" : ",") + lower_case(field.value);
    }
    if (!codings.empty()) {
        if (trimmed(codings) != "chunked") {
            return Error{"HTTP: a transfer coding that was not asked for: " + codings};
        }
        state_ = State::kChunkSize;
        return {};
    }
    for (const HeaderField& field : head_.fields) {
        if (field.name != "content-length") continue;
        // The same length several times is one; different ones are an attack.
        for (std::string_view rest = field.value;;) {
            const std::size_t comma = rest.find(',');
            const auto length = parse_number<std::uint64_t>(trimmed(rest.substr(0, comma)), 10);
            if (!length.has_value() || (length_.has_value() && *length_ != *length)) {
                return Error{"HTTP: the length of the body is not clear: " + field.value};
            }
            length_ = length;
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    left_ = length_.value_or(0);
    state_ = !length_.has_value() ? State::kUntilClose
             : left_ == 0         ? State::kComplete
                                  : State::kLength;
    return {};
}

// Section 7.1; extensions behind a semicolon are skipped.
Status ResponseParser::take_chunk_size(std::string_view line) {
    const auto size = parse_number<std::uint64_t>(trimmed(line.substr(0, line.find(';'))), 16);
    if (!size.has_value()) return Error{"HTTP: a chunk begins with no size"};
    left_ = *size;
    state_ = left_ == 0 ? State::kTrailers : State::kChunk;
    return {};
}

Status ResponseParser::close() {
    if (state_ == State::kUntilClose) state_ = State::kComplete;
    if (is_complete()) return {};
    if (state_ == State::kStatusLine) return Error{"HTTP: the connection ended without an answer"};
    if (state_ == State::kLength) {
        return Error{"HTTP: the connection ended " + std::to_string(left_) + " bytes too early"};
    }
    return Error{"HTTP: the connection ended inside of the answer"};
}

}  // namespace merlon::net
