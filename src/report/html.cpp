// One page that opens from disk: html/page.html with the JSON report inside.

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

}  // namespace

std::string write_html(const model::Report& report) {
    const std::string_view page(
        merlon_report_page_begin,
        static_cast<std::size_t>(merlon_report_page_end - merlon_report_page_begin));
    const std::size_t at = page.find(kDataMark);
    MERLON_ASSERT(at != std::string_view::npos);
    std::string out(page.substr(0, at));
    // Inside a script element only "<" could end it or begin a comment.
    for (const char c : write_json(report)) {
        if (c == '<') {
            out += "\\u003c";
        } else {
            out += c;
        }
    }
    out += page.substr(at + kDataMark.size());
    return out;
}

}  // namespace merlon::report
