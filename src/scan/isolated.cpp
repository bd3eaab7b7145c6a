#include "scan/isolated.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iterator>

#include "base/sandbox.h"
#include "model/serialize.h"

namespace merlon::scan {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
constexpr int kFailed = 2;

int fail(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    return kFailed;
}

Result<std::string> read_all(int descriptor) {
    std::string bytes;
    for (;;) {
        const std::size_t size = bytes.size();
        bytes.resize(size + kChunkBytes);
        const ssize_t count = read(descriptor, bytes.data() + size, kChunkBytes);
        bytes.resize(size + (count > 0 ? static_cast<std::size_t>(count) : 0));
        if (count == 0) return bytes;
        if (count < 0 && errno != EINTR) return Error{"cannot read the parent's message"};
    }
}

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

// What ended a child, as one line; nothing where it answered.
Result<model::Report> ask_child(const ChildCommand& command, const model::Document& document,
                                const CancelToken& cancel) {
    const ChildResult result = MERLON_TRY(run_child(command, model::serialize(document), cancel));
    if (!result.succeeded()) {
        return Error{"the child process that scanned it " + describe_end(result, command)};
    }
    return model::deserialize_report(result.output);
}

}  // namespace

void scan_in_child(const ChildCommand& command, const model::Document& document,
                   const CancelToken& cancel, model::Report& report) {
    Result<model::Report> answer = ask_child(command, document, cancel);
    if (!answer.ok()) {
        ++report.coverage.files_seen;
        report.coverage.gaps.push_back(
            {cancel.cancelled() ? model::GapCause::kCancelled : model::GapCause::kScannerFailed,
             model::display_path(document.origin), answer.error().message});
        return;
    }
    model::Report& found = answer.value();
    std::move(found.findings.begin(), found.findings.end(), std::back_inserter(report.findings));
    std::move(found.notices.begin(), found.notices.end(), std::back_inserter(report.notices));
    report.coverage.merge(found.coverage);
}

int serve_parent(const std::function<model::Report(const model::Document&)>& scan) {
    apply_sandbox({});
    const Result<std::string> message = read_all(STDIN_FILENO);
    if (!message.ok()) return fail(message.error().message);
    const Result<model::Document> document = model::deserialize_document(message.value());
    if (!document.ok()) return fail(document.error().message);
    return write_all(STDOUT_FILENO, model::serialize(scan(document.value())))
               ? 0
               : fail("cannot write the report to the parent");
}

}  // namespace merlon::scan
