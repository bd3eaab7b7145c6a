#pragma once

// A structured log: a level, a message and named values, as a line of text or of JSON (RFC 8259).
//
// The sink comes in from outside: library code never prints. Text lines are for people
// ("warning: message name=value"), JSON lines for collectors, with the time of the injected clock.
//
// Thread-safe when its sink is: one call of the sink for each line, with its line feed.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace merlon {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
enum class LogFormat : std::uint8_t { kText, kJsonLines };

std::string_view name(LogLevel level);

struct LogField {
    std::string_view name;
    std::string_view value;
};

class Log {
  public:
    using Sink = std::function<void(std::string_view line)>;

    // What is below `least` is dropped.
    Log(Sink sink, LogFormat format, LogLevel least, const Clock& clock)
        : sink_(std::move(sink)), format_(format), least_(least), clock_(clock) {}

    void log(LogLevel level, std::string_view message,
             std::initializer_list<LogField> fields = {}) const;

  private:
    Sink sink_;
    LogFormat format_;
    LogLevel least_;
    const Clock& clock_;
};

}  // namespace merlon
