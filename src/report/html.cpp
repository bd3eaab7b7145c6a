// One page that opens from disk: html/page.html with the JSON report inside.

#include <algorithm>

#include "base/assert.h"
#include "report/report.h"

// The build names the page (src/CMakeLists.txt); it is data, so it is linked in as it is.
__asm__(
    ".pushsection .rodata\n"
    ".global merlon_report_page_begin\n"
    ".global merlon_report_page_end\n"
    "merlon_report_page_begin:\n"
    ".incbin \"" MERLON_REPORT_PAGE
    "\"\n"
    "merlon_report_page_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" const char merlon_report_page_begin[];
extern "C" const char merlon_report_page_end[];

namespace merlon::report {
namespace {

constexpr std::string_view kDataMark = "@DATA@";

// Inside a script element only "<" could end it or begin a comment. In place, from the back: the
// data of a hundred thousand findings are a hundred megabytes, and a second copy would be as many.
void escape_script_data(std::string& out, std::size_t begin) {
    constexpr std::string_view kEscaped = "\\u003c";
    const auto data = out.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto count = static_cast<std::size_t>(std::count(data, out.end(), '<'));
    std::size_t from = out.size();
    out.resize(out.size() + count * (kEscaped.size() - 1));
    for (std::size_t to = out.size(); from != to;) {
        const char c = out[--from];
        if (c == '<') {
            to -= kEscaped.size();
            kEscaped.copy(out.data() + to, kEscaped.size());
        } else {
            out[--to] = c;
        }
    }
}

}  // namespace

std::string write_html(const model::Report& report) {
    const std::string_view page(
        merlon_report_page_begin,
        static_cast<std::size_t>(merlon_report_page_end - merlon_report_page_begin));
    const std::size_t at = page.find(kDataMark);
    MERLON_ASSERT(at != std::string_view::npos);
    std::string out(page.substr(0, at));
    append_json(report, out);
    escape_script_data(out, at);
    out += page.substr(at + kDataMark.size());
    return out;
}

}  // namespace merlon::report
