#include "connect/git/log_text.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "base/ascii.h"
#include "connect/git/column_width.h"

namespace merlon::connect::git {
namespace {

constexpr std::string_view kIndent = "    ";

// Recodes with the C library's tables; nothing where it knows no such encoding or a byte has no
// meaning in it.
std::optional<std::string> to_utf8(std::string_view bytes, const std::string& encoding) {
    const iconv_t converter = iconv_open("UTF-8", encoding.c_str());
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the standard's way to say "failed"
    if (converter == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
    std::string input(bytes);
    std::string output;
    char* in = input.data();
    std::size_t in_left = input.size();
    bool good = true;
    while (good && in_left > 0) {
        std::array<char, 4096> buffer;
        char* out = buffer.data();
        std::size_t out_left = buffer.size();
        const std::size_t done = iconv(converter, &in, &in_left, &out, &out_left);
        output.append(buffer.data(), buffer.size() - out_left);
        good = done != static_cast<std::size_t>(-1) || errno == E2BIG;
    }
    iconv_close(converter);
    if (!good) return std::nullopt;
    return output;
}

// One line of the message: tabs go to the next of every eight columns, as long as the columns can
// be told.
void add_message_line(std::string& text, std::string_view line) {
    constexpr std::size_t kTab = 8;
    text.append(kIndent);
    for (std::size_t tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
        const std::optional<std::size_t> width = column_width(line.substr(0, tab));
        if (!width) break;
        text.append(line.substr(0, tab)).append(kTab - *width % kTab, ' ');
        line.remove_prefix(tab + 1);
    }
    text.append(line).push_back('\n');
}

void add_message(std::string& text, std::size_t header, std::string_view message) {
    bool started = false;
    while (!message.empty()) {
        const std::size_t end = std::min(message.find('\n'), message.size());
        std::string_view line = message.substr(0, end);
        message.remove_prefix(std::min(end + 1, message.size()));
        while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
        if (line.empty() && !started) continue;
        started = true;
        add_message_line(text, line);
    }
    // Without a message the empty line before it goes too.
    while (text.size() > header && is_space(text.back())) text.pop_back();
    text.push_back('\n');
}

void add_note(std::string& text, const LogNote& of_commit) {
    text.append("\n").append(of_commit.title).append("\n");
    std::string_view note = of_commit.text;
    if (note.ends_with('\n')) note.remove_suffix(1);
    while (!note.empty()) {
        const std::size_t end = std::min(note.find('\n'), note.size());
        text.append(kIndent).append(note.substr(0, end)).push_back('\n');
        note.remove_prefix(std::min(end + 1, note.size()));
    }
}

// One of an honest commit; git's log prints each.
std::vector<std::string_view> author_lines(std::string_view commit_bytes) {
    constexpr std::string_view kKeyword = "author ";
    std::vector<std::string_view> lines;
    std::string_view rest = commit_bytes;
    while (!rest.empty() && rest.front() != '\n') {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.starts_with(kKeyword)) lines.push_back(line.substr(kKeyword.size()));
    }
    return lines;
}

}  // namespace

CivilTime civil_time(std::int64_t seconds) {
    constexpr std::int64_t kDay = 86400;
    const std::int64_t day = seconds >= 0 ? seconds / kDay : (seconds + 1) / kDay - 1;
    // Days are counted from the first of March of a year 400 n, so that the leap day is the last.
    const std::int64_t shifted = day + 719'468;
    const std::int64_t era = shifted >= 0 ? shifted / 146'097 : (shifted + 1) / 146'097 - 1;
    const std::int64_t of_era = shifted - era * 146'097;
    const std::int64_t year_of_era =
        (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
    const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t from_march = (5 * of_year + 2) / 153;

    CivilTime time;
    time.day = static_cast<int>(of_year - (153 * from_march + 2) / 5 + 1);
    time.month = static_cast<int>(from_march < 10 ? from_march + 3 : from_march - 9);
    time.year = era * 400 + year_of_era + (time.month <= 2 ? 1 : 0);
    time.weekday = static_cast<int>(((day + 4) % 7 + 7) % 7);
    const std::int64_t second = seconds - day * kDay;
    time.hour = static_cast<int>(second / 3600);
    time.minute = static_cast<int>(second / 60 % 60);
    time.second = static_cast<int>(second % 60);
    return time;
}

std::string log_date(const LogDate& date) {
    constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // What the C library's calendar, with its 32 bits of years, cannot hold is the epoch in git.
    constexpr std::uint64_t kLastSecond = 67'768'036'191'676'799;
    const bool in_calendar = date.seconds <= kLastSecond;
    const std::int32_t zone = in_calendar ? date.zone : 0;
    const std::int64_t distance = std::abs(std::int64_t{zone});
    const std::int64_t east = (distance / 100 * 60 + distance % 100) * (zone < 0 ? -60 : 60);
    const CivilTime time =
        civil_time(in_calendar ? static_cast<std::int64_t>(date.seconds) + east : 0);
    std::array<char, 128> text;
    std::snprintf(text.data(), text.size(), "%s %s %d %02d:%02d:%02d %lld %+05d",
                  kDays[static_cast<std::size_t>(time.weekday)],
                  kMonths[static_cast<std::size_t>(time.month - 1)], time.day, time.hour,
                  time.minute, time.second, static_cast<long long>(time.year), zone);
    std::string printed = text.data();
    if (zone == kZoneNotPrinted) printed.resize(printed.rfind(' '));
    return printed;
}

// A time that does not fit 64 bits with a sign is the epoch without a zone in git's log.
LogDate log_date_of(const Identity& author) {
    LogDate date;
    if (author.seconds >= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return date;
    date.seconds = author.seconds;
    if (author.zone.empty()) return date;
    std::int32_t zone = 0;
    const std::string_view digits = author.zone.substr(1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), zone);
    if (read.ec == std::errc()) date.zone = author.zone[0] == '-' ? -zone : zone;
    return date;
}

Result<LogText> log_text(const ObjectId& id, std::string_view commit_bytes, const Mailmap& mailmap,
                         const std::optional<LogNote>& note) {
    Commit printed = MERLON_TRY(parse_commit(commit_bytes, id.algorithm()));
    LogText log;
    std::string recoded;
    std::string_view shown = commit_bytes;
    const std::string encoding = lower_case(printed.encoding);
    if (!encoding.empty() && encoding != "utf-8" && encoding != "utf8") {
        // git converts a C string. An encoding such as UTF-16 has zeros in it: what stands before
        // the first rarely is whole, and then the bytes are printed as they are.
        const std::optional<std::string> text =
            to_utf8(commit_bytes.substr(0, commit_bytes.find('\0')),
                    encoding == "latin-1" || encoding == "latin1" ? "iso-8859-1" : encoding);
        log.is_recoded = text.has_value();
        if (text) {
            recoded = *text;
            shown = recoded;
            // Where the text looks like UTF-16 nothing of the header is left, in git's log too.
            printed = parse_commit(recoded, id.algorithm()).value_or(Commit{});
        }
    }

    log.text = "commit " + id.hex() + "\n";
    const std::size_t header = log.text.size();
    for (const std::string_view line : author_lines(shown)) {
        const std::optional<Identity> author = parse_identity(line);
        if (!author) continue;
        const Mailmap::Person person = mailmap.resolve(author->name, author->email);
        log.text += "Author: " + person.name + " <" + person.mail + ">\n";
        log.date = log_date_of(*author);
        log.text += "Date:   " + log_date(*log.date) + "\n";
    }
    log.text += "\n";
    add_message(log.text, header, printed.message.substr(0, printed.message.find('\0')));
    if (note) add_note(log.text, *note);
    log.text += "\n";
    return log;
}

}  // namespace merlon::connect::git
