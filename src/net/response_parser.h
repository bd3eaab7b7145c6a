#pragma once

// Answers of HTTP/1.1 as they come in (RFC 9112): status line, fields, and the body in its framing.
//
// The idea: a machine over pieces of any size that holds one line at most; the body goes on as it
// comes, to whoever wants it. Framing is the client's protection against a body that was cut: a
// length that is not reached, or a last chunk that is missing, is an error and never a short body.
//
// Limits: bytes of the head (with interim answers and trailers). Not thread-safe, one for each
// answer. Cost: one pass.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::net {

// What a method and a field's name are made of (RFC 9110, section 5.6.2).
bool is_token(std::string_view text);
// What a field's value is made of: no control characters but the tab (RFC 9110, section 5.5).
bool is_field_value(std::string_view text);

struct HeaderField {
    std::string name;  // lower case
    std::string value;
    bool operator==(const HeaderField&) const = default;
};

struct ResponseHead {
    int status = 0;
    std::string reason;
    std::vector<HeaderField> fields;

    // The value of the first field with this (lower-case) name; empty where there is none.
    std::string_view field(std::string_view name) const;
};

using BodySink = std::function<Status(std::string_view bytes)>;

// What the answer is to: no body follows on HEAD, nor on a CONNECT that succeeded (RFC 9112,
// section 6.3).
enum class RequestForm : std::uint8_t { kGet, kHead, kConnect };

class ResponseParser {
  public:
    static constexpr std::size_t kDefaultMaxHeadBytes = std::size_t{64} << 10;

    explicit ResponseParser(RequestForm form, std::size_t max_head_bytes = kDefaultMaxHeadBytes)
        : form_(form), max_head_bytes_(max_head_bytes) {}

    // Takes what came and hands the body's part of it to `body`. Returns how much was taken: all of
    // it, unless the head has just become complete (so that the caller may look at it before the
    // body comes) or the answer has ended.
    Result<std::size_t> take(std::string_view bytes, const BodySink& body);
    // The connection was closed. Fails where the answer has not ended by that.
    Status close();

    bool has_head() const { return state_ > State::kFields; }
    bool is_complete() const { return state_ == State::kComplete; }
    const ResponseHead& head() const { return head_; }
    // Of the body, where the head says so.
    std::optional<std::uint64_t> length() const { return length_; }

  private:
    enum class State : std::uint8_t {
        kStatusLine,
        kFields,
        kLength,
        kChunkSize,
        kChunk,
        kChunkEnd,
        kTrailers,
        kUntilClose,
        kComplete
    };

    // A whole line is in line_.
    Status take_line();
    Status take_status_line(std::string_view line);
    Status take_field(std::string_view line);
    Status take_chunk_size(std::string_view line);
    Status end_head();
    Status choose_framing();

    RequestForm form_;
    std::size_t max_head_bytes_;
    State state_ = State::kStatusLine;
    std::string line_;
    std::size_t head_bytes_ = 0;
    ResponseHead head_;
    std::optional<std::uint64_t> length_;
    std::uint64_t left_ = 0;  // of the body or chunk
};

}  // namespace merlon::net
