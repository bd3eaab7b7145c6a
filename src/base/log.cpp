#include "base/log.h"

#include <fmt/core.h>

namespace merlon {
namespace {

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};

// RFC 8259, section 7: what has to be escaped. Bytes that are no UTF-8 pass through; the language
// floor's writer minds those, and a log line is made of our own words and of paths.
void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
            out += c;
        }
    }
    out += '"';
}

// A value is quoted where it would not read as one word, or could forge a line.
void append_text_value(std::string& out, std::string_view text) {
    bool plain = !text.empty();
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte == 0x7F || c == '"' || c == '\\' || c == '=') plain = false;
    }
    if (plain) {
        out += text;
    } else {
        append_quoted(out, text);
    }
}

}  // namespace

std::string_view name(LogLevel level) { return kNames[static_cast<std::size_t>(level)]; }

void Log::log(LogLevel level, std::string_view message,
              std::initializer_list<LogField> fields) const {
    if (level < least_ || !sink_) return;
    std::string line;
    if (format_ == LogFormat::kJsonLines) {
        line = "{\"time\":\"" + format_rfc3339(clock_.now()) + "\",\"level\":\"";
        line += name(level);
        line += "\",\"message\":";
        append_quoted(line, message);
        for (const LogField& field : fields) {
            line += ',';
            append_quoted(line, field.name);
            line += ':';
            append_quoted(line, field.value);
        }
        line += "}\n";
    } else {
        line = std::string(name(level)) + ": ";
        for (const char c : message) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        for (const LogField& field : fields) {
            line += ' ';
            line += field.name;
            line += '=';
            append_text_value(line, field.value);
        }
        line += '\n';
    }
    sink_(line);
}

}  // namespace merlon
