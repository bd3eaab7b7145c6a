#pragma once

// What `git log` prints of a commit before its patch, in the default format (git-log(1), "medium"):
// author, date, message, notes.
//
// The idea: tools that scan `git log -p` see the commit only through this text, so its details
// become theirs: the author is mapped by .mailmap, the message is recoded to UTF-8, its tabs are
// expanded and its trailing blanks are gone, and notes stand behind it.
//
// Thread-safe: no state. Cost: one pass over the message.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connect/git/commit.h"
#include "connect/git/mailmap.h"

namespace merlon::connect::git {

// Git leaves this zone (-0001) out of a date: inside, it stands for "no zone".
constexpr std::int32_t kZoneNotPrinted = -1;

struct LogDate {
    std::uint64_t seconds = 0;
    std::int32_t zone = 0;  // hours * 100 + minutes east of Greenwich
};

struct LogText {
    std::string text;             // "commit <id>\n" to the empty line behind the message
    std::optional<LogDate> date;  // of the author, where there is one
    bool is_recoded = true;       // false: the commit names an encoding that could not be read
};

struct LogNote {
    std::string text;
    std::string title = "Notes:";  // of another reference than refs/notes/commits "Notes (name):"
};

// `note` is that of the commit, if it has one.
Result<LogText> log_text(const ObjectId& id, std::string_view commit_bytes, const Mailmap& mailmap,
                         const std::optional<LogNote>& note);

LogDate log_date_of(const Identity& author);

// A second since 1970 in the calendar of UTC.
struct CivilTime {
    std::int64_t year = 1970;
    int month = 1;    // 1 to 12
    int day = 1;      // 1 to 31
    int weekday = 4;  // Sunday is 0
    int hour = 0;
    int minute = 0;
    int second = 0;
};

CivilTime civil_time(std::int64_t seconds);

// "Thu Jan 1 00:00:00 1970 +0000": the author's clock.
std::string log_date(const LogDate& date);

}  // namespace merlon::connect::git
