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

// Inside a script element only "<" could end it or begin a comment.
void append_script_data(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '<') {
            out += "\\u003c";
        } else {
            out += c;
        }
    }
}

}  // namespace

void write_html(const model::Report& report, TextSink& sink) {
    const std::string_view page(
        merlon_report_page_begin,
        static_cast<std::size_t>(merlon_report_page_end - merlon_report_page_begin));
    const std::size_t at = page.find(kDataMark);
    MERLON_ASSERT(at != std::string_view::npos);
    sink.buffer() += page.substr(0, at);
    TextSink data([&sink](std::string_view part) {
        append_script_data(sink.buffer(), part);
        sink.settle();
        return Status{};
    });
    write_json(report, data);
    MERLON_ASSERT(data.finish().ok());
    sink.buffer() += page.substr(at + kDataMark.size());
}

}  // namespace merlon::report
