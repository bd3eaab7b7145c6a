#pragma once

// The text of office files: Office Open XML (ECMA-376: docx, xlsx, pptx) and OpenDocument.
//
// The idea: such a file is a zip of XML in which one word may be split over several runs, so that
// neither the XML nor its tags removed one by one show what a person reads. Here each paragraph,
// and each cell of a sheet, is one line, with its name. The XML is read leniently: what is broken
// still gives the text in front of it.
//
// One reader for one container; not thread-safe. Cost: one pass over each part. Each shared string
// of a workbook is given once, at the first cell that shows it, so that no file grows by this.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "text/readable.h"

namespace merlon::text {

bool is_office_file(std::string_view path);

struct OfficePart {
    std::string member;  // of the container
    ReadableText content;
};

class OfficeReader {
  public:
    // Reads no further once `cancel` is set.
    explicit OfficeReader(const CancelToken& cancel) : cancel_(cancel) {}

    // Whether the member holds text that take() reads; others are read as they stand.
    static bool is_text_part(std::string_view member);

    void take(const std::string& member, std::string_view xml);
    // What was taken, in the order of taking; the cells of sheets last.
    std::vector<OfficePart> finish();

  private:
    void take_sheet(const std::string& member, std::string_view xml);

    struct Cell {
        std::string member;
        std::string name;
    };

    const CancelToken& cancel_;
    std::vector<OfficePart> parts_;
    std::vector<std::string> shared_strings_;
    std::string shared_member_;
    std::map<std::size_t, Cell> first_cell_;  // by shared string
};

}  // namespace merlon::text
